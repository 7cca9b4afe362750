#include "sample/words.h"

#include <fmt/format.h>

#include <array>

namespace weerbaar::sample {
namespace {

constexpr std::string_view kNameAddressBirth[] = {"name", "address", "birth"};
constexpr std::string_view kAddress[] = {"address"};
constexpr std::string_view kNameAddressContact[] = {"name", "address", "contact"};
constexpr std::string_view kCorrespondence[] = {"correspondence"};
constexpr std::string_view kNameCorrespondence[] = {"name", "correspondence"};
constexpr std::string_view kName[] = {"name"};
constexpr std::string_view kDebtPayments[] = {"debt", "payments"};
constexpr std::string_view kPayments[] = {"payments"};
constexpr std::string_view kIncome[] = {"income"};
constexpr std::string_view kIncomeAssets[] = {"income", "assets"};
constexpr std::string_view kIncomeDeductions[] = {"income", "deductions"};
constexpr std::string_view kAssets[] = {"assets"};
constexpr std::string_view kBenefitsIncome[] = {"benefits", "income"};
constexpr std::string_view kBenefits[] = {"benefits"};
constexpr std::string_view kBenefitsFamily[] = {"benefits", "family"};
constexpr std::string_view kBenefitsHousing[] = {"benefits", "housing"};
constexpr std::string_view kHousingAddress[] = {"housing", "address"};
constexpr std::string_view kObjectionCorrespondence[] = {"objection", "correspondence"};
constexpr std::string_view kObjection[] = {"objection"};
constexpr std::string_view kDebt[] = {"debt"};
constexpr std::string_view kDebtAddress[] = {"debt", "address"};
constexpr std::string_view kDebtAssets[] = {"debt", "assets"};
constexpr std::string_view kDebtBank[] = {"debt", "bank"};
constexpr std::string_view kDebtIncome[] = {"debt", "income"};
constexpr std::string_view kPaymentsBank[] = {"payments", "bank"};
constexpr std::string_view kVehicle[] = {"vehicle"};
constexpr std::string_view kVehiclePayments[] = {"vehicle", "payments"};
constexpr std::string_view kVehicleAddress[] = {"vehicle", "address"};
constexpr std::string_view kVehicleCorrespondence[] = {"vehicle", "correspondence"};
constexpr std::string_view kTurnover[] = {"turnover"};
constexpr std::string_view kBusiness[] = {"business"};
constexpr std::string_view kTurnoverPayments[] = {"turnover", "payments"};
constexpr std::string_view kWages[] = {"wages"};
constexpr std::string_view kWagesIncome[] = {"wages", "income"};
constexpr std::string_view kTurnoverAssets[] = {"turnover", "assets"};
constexpr std::string_view kBusinessName[] = {"business", "name"};
constexpr std::string_view kBusinessCorrespondence[] = {"business", "correspondence"};
constexpr std::string_view kBusinessTurnover[] = {"business", "turnover"};
constexpr std::string_view kRisk[] = {"risk"};
constexpr std::string_view kRiskBusiness[] = {"risk", "business"};
constexpr std::string_view kAssetsFamily[] = {"assets", "family"};
constexpr std::string_view kPropertyAddress[] = {"property", "address"};
constexpr std::string_view kProperty[] = {"property"};
constexpr std::string_view kAssetsBank[] = {"assets", "bank"};
constexpr std::string_view kBank[] = {"bank"};
constexpr std::string_view kBankName[] = {"bank", "name"};
constexpr std::string_view kNameContact[] = {"name", "contact"};
constexpr std::string_view kContact[] = {"contact"};
constexpr std::string_view kCorrespondenceAddress[] = {"correspondence", "address"};
constexpr std::string_view kAddressCorrespondence[] = {"address", "correspondence"};
constexpr std::string_view kNameAddress[] = {"name", "address"};
constexpr std::string_view kNameAddressIncome[] = {"name", "address", "income"};
constexpr std::string_view kFamily[] = {"family"};
constexpr std::string_view kFamilyName[] = {"family", "name"};

constexpr Component kOfBvr[] = {
    {"BVR0100", kNameAddressBirth}, {"BVR0210", kAddress}, {"BVR0230", kNameAddressContact}};
constexpr Component kOfDossier[] = {
    {"stukken", kCorrespondence}, {"overzicht", kNameCorrespondence}, {"tijdlijn", kCorrespondence}};
constexpr Component kOfTaken[] = {{"werklijst", kName}, {"taak", kNameCorrespondence}};
constexpr Component kOfInning[] = {{"saldo", kDebtPayments}, {"betalingen", kPayments}, {"regeling", kDebtPayments}};
constexpr Component kOfAanslag[] = {{"AAN0100", kIncome}, {"AAN0200", kIncomeAssets}, {"AAN0310", kIncomeDeductions}};
constexpr Component kOfHeffing[] = {{"HEF0110", kIncome}, {"HEF0120", kIncomeDeductions}, {"HEF0200", kAssets}};
constexpr Component kOfToeslag[] = {
    {"aanvraag", kBenefitsIncome}, {"beschikking", kBenefits}, {"huishouden", kBenefitsFamily}};
constexpr Component kOfHuurtoe[] = {{"huur", kBenefitsHousing}, {"woning", kHousingAddress}};
constexpr Component kOfZorgtoe[] = {{"recht", kBenefitsIncome}, {"beschikking", kBenefits}};
constexpr Component kOfKindop[] = {{"opvang", kBenefitsFamily}, {"uren", kBenefits}};
constexpr Component kOfBezwaar[] = {
    {"bezwaar", kObjectionCorrespondence}, {"uitspraak", kObjection}, {"termijn", kObjection}};
constexpr Component kOfBeroep[] = {{"zaak", kObjectionCorrespondence}, {"zitting", kObjection}};
constexpr Component kOfDwang[] = {{"DWA0100", kDebt}, {"DWA0200", kDebtAddress}};
constexpr Component kOfBeslag[] = {{"beslag", kDebtAssets}, {"derden", kDebtBank}};
constexpr Component kOfSchuld[] = {{"totaal", kDebt}, {"sanering", kDebtIncome}};
constexpr Component kOfBetaal[] = {{"boeking", kPaymentsBank}, {"terug", kPayments}};
constexpr Component kOfAuto[] = {{"AUT0100", kVehicle}, {"AUT0200", kVehiclePayments}, {"AUT0300", kVehicleAddress}};
constexpr Component kOfRitten[] = {{"ritten", kVehicle}, {"verklaring", kVehicleCorrespondence}};
constexpr Component kOfBpmreg[] = {{"aangifte", kVehicle}, {"taxatie", kVehicle}};
constexpr Component kOfMilieu[] = {{"opgave", kTurnover}, {"vergunning", kBusiness}};
constexpr Component kOfOmzet[] = {{"OMZ0100", kTurnover}, {"OMZ0200", kTurnoverPayments}};
constexpr Component kOfLoon[] = {{"LOO0100", kWages}, {"LOO0200", kWagesIncome}};
constexpr Component kOfVennoot[] = {{"aangifte", kTurnoverAssets}, {"fiscaal", kTurnover}};
constexpr Component kOfOndern[] = {{"profiel", kBusiness}, {"eigenaren", kBusinessName}};
constexpr Component kOfContrl[] = {
    {"plan", kBusinessCorrespondence}, {"bevinding", kBusinessTurnover}, {"selectie", kBusiness}};
constexpr Component kOfRisico[] = {{"score", kRisk}, {"signalen", kRiskBusiness}};
constexpr Component kOfErfenis[] = {{"nalatenschap", kAssetsFamily}, {"aangifte", kAssets}};
constexpr Component kOfSchenk[] = {{"aangifte", kAssetsFamily}, {"vrijstelling", kAssets}};
constexpr Component kOfWoznet[] = {{"object", kPropertyAddress}, {"waarde", kProperty}};
constexpr Component kOfVermog[] = {{"vermogen", kAssets}, {"effecten", kAssetsBank}};
constexpr Component kOfBankrk[] = {{"rekening", kBank}, {"tenaam", kBankName}};
constexpr Component kOfBellijn[] = {{"gesprek", kNameContact}, {"historie", kContact}, {"stand", kPayments}};
constexpr Component kOfBalie[] = {{"afspraak", kNameContact}, {"bezoek", kContact}};
constexpr Component kOfBrief[] = {{"brief", kCorrespondenceAddress}, {"bulk", kAddressCorrespondence}};
constexpr Component kOfArchief[] = {{"aanvraag", kCorrespondence}, {"doos", kCorrespondence}};
constexpr Component kOfPostin[] = {{"scan", kCorrespondence}, {"sorteer", kNameCorrespondence}};
constexpr Component kOfRapport[] = {{"lijst", kNameAddress}, {"export", kNameAddressIncome}};
constexpr Component kOfBuitenl[] = {{"verdrag", kIncome}, {"woonplaats", kAddress}};
constexpr Component kOfGezin[] = {{"gezin", kFamily}, {"partner", kFamilyName}};
constexpr Component kOfTestnet[] = {{"scherm", kName}, {"koppeling", kName}};

constexpr System kSystemList[] = {
    {"BVR", "Beheer van Relaties", "bvr-3270", kOfBvr},
    {"DOSSIER", "Digitaal dossier", "dossier-http", kOfDossier},
    {"TAKEN", "Werkvoorraad", "taken-http", kOfTaken},
    {"INNING", "Inning belastingen", "inning-sql", kOfInning},
    {"AANSLAG", "Aanslagregeling inkomen", "aanslag-3270", kOfAanslag},
    {"HEFFING", "Heffing inkomen", "heffing-3270", kOfHeffing},
    {"TOESLAG", "Toeslagen", "toeslag-http", kOfToeslag},
    {"HUURTOE", "Huurtoeslag", "huurtoe-http", kOfHuurtoe},
    {"ZORGTOE", "Zorgtoeslag", "zorgtoe-http", kOfZorgtoe},
    {"KINDOP", "Kinderopvangtoeslag", "kindop-http", kOfKindop},
    {"BEZWAAR", "Bezwaren", "bezwaar-http", kOfBezwaar},
    {"BEROEP", "Beroepszaken", "beroep-http", kOfBeroep},
    {"DWANG", "Dwanginvordering", "dwang-3270", kOfDwang},
    {"BESLAG", "Beslagregister", "beslag-sql", kOfBeslag},
    {"SCHULD", "Schuldenoverzicht", "schuld-sql", kOfSchuld},
    {"BETAAL", "Betalingsverkeer", "betaal-sql", kOfBetaal},
    {"AUTO", "Motorrijtuigenbelasting", "auto-3270", kOfAuto},
    {"RITTEN", "Rittenadministratie", "ritten-http", kOfRitten},
    {"BPMREG", "Belasting personenauto's", "bpmreg-sql", kOfBpmreg},
    {"MILIEU", "Milieuheffingen", "milieu-http", kOfMilieu},
    {"OMZET", "Omzetbelasting", "omzet-3270", kOfOmzet},
    {"LOON", "Loonheffingen", "loon-3270", kOfLoon},
    {"VENNOOT", "Vennootschapsbelasting", "vennoot-sql", kOfVennoot},
    {"ONDERN", "Ondernemingen", "ondern-http", kOfOndern},
    {"CONTRL", "Controle", "contrl-http", kOfContrl},
    {"RISICO", "Risicobeeld", "risico-http", kOfRisico},
    {"ERFENIS", "Erfbelasting", "erfenis-http", kOfErfenis},
    {"SCHENK", "Schenkbelasting", "schenk-http", kOfSchenk},
    {"WOZNET", "Waarde onroerende zaken", "woznet-sql", kOfWoznet},
    {"VERMOG", "Vermogensgegevens", "vermog-sql", kOfVermog},
    {"BANKRK", "Bankrekeningen", "bankrk-sql", kOfBankrk},
    {"BELLIJN", "Belastingtelefoon", "bellijn-http", kOfBellijn},
    {"BALIE", "Balieafspraken", "balie-http", kOfBalie},
    {"BRIEF", "Uitgaande brieven", "brief-sql", kOfBrief},
    {"ARCHIEF", "Archief", "archief-http", kOfArchief},
    {"POSTIN", "Inkomende post", "postin-http", kOfPostin},
    {"RAPPORT", "Rapportage", "rapport-sql", kOfRapport},
    {"BUITENL", "Buitenlandse belastingplicht", "buitenl-http", kOfBuitenl},
    {"GEZIN", "Gezinsgegevens", "gezin-sql", kOfGezin},
    {"TESTNET", "Beheer en test", "testnet-http", kOfTestnet},
};
static_assert(std::size(kSystemList) == kSystems);

constexpr SystemNumber kForAssessment[] = {kHeffing, kAanslag, kBvr,     kDossier, kTaken,  kGezin,
                                           kVermog,  kWoznet,  kBuitenl, kBrief,   kRapport};
constexpr SystemNumber kForCollection[] = {kInning, kDwang,  kSchuld, kBvr,   kDossier, kTaken,
                                           kBeslag, kBetaal, kBankrk, kBrief, kRapport};
constexpr SystemNumber kForObjections[] = {kBezwaar, kDossier, kHeffing, kBvr, kTaken, kBeroep, kAanslag, kBrief};
constexpr SystemNumber kForPhone[] = {kBellijn, kBvr, kInning, kToeslag, kAuto, kAanslag};
constexpr SystemNumber kForCounter[] = {kBalie, kBvr, kAanslag, kToeslag, kInning, kDossier};
constexpr SystemNumber kForAudit[] = {kContrl, kOndern, kOmzet,   kBvr,    kLoon,   kVennoot,
                                      kRisico, kBankrk, kDossier, kMilieu, kRapport};
constexpr SystemNumber kForVehicleTax[] = {kAuto, kBvr, kRitten, kBpmreg, kTaken, kBrief, kRapport};
constexpr SystemNumber kForBenefits[] = {kToeslag, kBvr,   kZorgtoe, kHuurtoe, kKindop,
                                         kGezin,   kTaken, kDossier, kBrief,   kRapport};
constexpr SystemNumber kForInheritance[] = {kErfenis, kSchenk, kBvr, kDossier, kVermog, kTaken, kWoznet};
constexpr SystemNumber kForInspection[] = {kContrl, kBvr, kOndern, kWoznet, kDossier, kAuto};
constexpr SystemNumber kForItSupport[] = {kTestnet, kBvr, kTaken};
constexpr SystemNumber kForArchivist[] = {kArchief, kPostin, kDossier, kBvr};

constexpr Function kFunctionList[] = {
    {"assessment",
     "Aanslagregelaar",
     "inkomen",
     "https://verwerkingen.example.org/heffing-inkomen",
     "Heffing inkomstenbelasting",
     "Wet IB 2001",
     215,
     46,
     450,
     40,
     {.cases = 55, .letter = 8, .queue = 37},
     kForAssessment},
    {"collection",
     "Invorderaar",
     "inning",
     "https://verwerkingen.example.org/invordering",
     "Invordering van belastingen",
     "Invorderingswet 1990",
     140,
     46,
     400,
     30,
     {.cases = 80, .phone = 12, .letter = 8},
     kForCollection},
    {"objections",
     "Behandelaar bezwaar",
     "inkomen",
     "https://verwerkingen.example.org/bezwaar-en-beroep",
     "Bezwaar en beroep",
     "AWR",
     80,
     38,
     500,
     0,
     {.cases = 92, .letter = 8},
     kForObjections},
    {"phone",
     "Medewerker telefoon",
     "dienstverlening",
     "https://verwerkingen.example.org/dienstverlening",
     "Beantwoorden van vragen",
     "AWR",
     140,
     72,
     350,
     300,
     {.phone = 100},
     kForPhone},
    {"counter",
     "Medewerker balie",
     "dienstverlening",
     "https://verwerkingen.example.org/dienstverlening-balie",
     "Hulp aan de balie",
     "AWR",
     40,
     64,
     0,
     0,
     {.counter = 90, .letter = 10},
     kForCounter},
    {"audit",
     "Controleur",
     "ondernemingen",
     "https://verwerkingen.example.org/boekenonderzoek",
     "Boekenonderzoek",
     "AWR",
     85,
     34,
     450,
     0,
     {.cases = 35, .audit = 65},
     kForAudit},
    {"vehicle-tax",
     "Medewerker motorrijtuigen",
     "inning",
     "https://verwerkingen.example.org/motorrijtuigenbelasting",
     "Heffing motorrijtuigenbelasting",
     "Wet MRB 1994",
     60,
     52,
     400,
     50,
     {.cases = 60, .letter = 8, .queue = 32},
     kForVehicleTax},
    {"benefits",
     "Behandelaar toeslagen",
     "toeslagen",
     "https://verwerkingen.example.org/toeslagen",
     "Toekennen van toeslagen",
     "Awir",
     125,
     46,
     450,
     80,
     {.cases = 55, .phone = 12, .queue = 33},
     kForBenefits},
    {"inheritance",
     "Behandelaar erf- en schenkbelasting",
     "inkomen",
     "https://verwerkingen.example.org/erfbelasting",
     "Heffing erf- en schenkbelasting",
     "Successiewet 1956",
     30,
     40,
     500,
     0,
     {.cases = 92, .letter = 8},
     kForInheritance},
    {"inspection",
     "Buitendienst",
     "ondernemingen",
     "https://verwerkingen.example.org/waarneming-ter-plaatse",
     "Waarneming ter plaatse",
     "AWR",
     25,
     36,
     100,
     0,
     {.cases = 30, .region = 70},
     kForInspection},
    {"it-support",
     "Functioneel beheerder",
     "dienstverlening",
     "https://verwerkingen.example.org/beheer",
     "Beheer van toepassingen",
     "AVG",
     35,
     5,
     500,
     0,
     {.test = 100},
     kForItSupport},
    {"archivist",
     "Medewerker archief",
     "dienstverlening",
     "https://verwerkingen.example.org/archivering",
     "Archivering",
     "Archiefwet 1995",
     25,
     60,
     0,
     0,
     {.letter = 20, .queue = 80},
     kForArchivist},
};
static_assert(std::size(kFunctionList) == kFunctions);

constexpr Office kOfficeList[] = {
    {"AMS", "Amsterdam", 1012}, {"RTM", "Rotterdam", 3011}, {"UTR", "Utrecht", 3511},   {"HAG", "Den Haag", 2511},
    {"EHV", "Eindhoven", 5611}, {"GRN", "Groningen", 9711}, {"APD", "Apeldoorn", 7311}, {"ZWO", "Zwolle", 8011},
};

constexpr std::string_view kUsualSurnames[] = {
    "De Jong",    "Jansen",    "De Vries",       "Van den Berg", "Bakker",          "Van Dijk",   "Visser",
    "Janssen",    "Smit",      "Meijer",         "De Boer",      "Mulder",          "De Groot",   "Bos",
    "Vos",        "Peters",    "Hendriks",       "Van Leeuwen",  "Dekker",          "Brouwer",    "De Wit",
    "Dijkstra",   "Smits",     "De Graaf",       "Van der Meer", "Van der Linden",  "Kok",        "Jacobs",
    "De Haan",    "Vermeulen", "Van den Heuvel", "Van de Ven",   "Van der Heijden", "Schouten",   "Willems",
    "Van Beek",   "Hoekstra",  "Koster",         "Maas",         "Verhoeven",       "Postma",     "Prins",
    "Huisman",    "Kuipers",   "Blom",           "Veenstra",     "Kramer",          "Martens",    "Scholten",
    "Timmermans", "Van Vliet", "Gerritsen",      "Groen",        "Evers",           "Wolters",    "Molenaar",
    "Post",       "Kuiper",    "Veldman",        "Cornelissen",  "Driessen",        "Wiersma",    "Bosman",
    "Jonker",     "Van Wijk",  "Van Dam",        "Hermans",      "Verbeek",         "Sanders",    "Van der Wal",
    "Schipper",   "Bosch",     "Van Loon",       "Kuijpers",     "Zwart",           "Van Schaik", "Hofman",
    "Vink",       "Goossens",  "Boersma",        "Yilmaz",       "El Amrani",       "Nguyen",     "Singh",
    "Kaya",       "Hoffman",   "Bouwman",        "Mol",          "Van Rijn",        "Koning",     "Wouters",
    "Tromp",      "De Bruin",  "Schaap",         "De Lange",     "Van Es"};
constexpr std::string_view kSurnameHeads[] = {
    "Hoog",  "Laag", "Veld",  "Meer",  "Berg", "Dal",   "Wind",  "Noord", "Zuid",  "Oost",  "West",
    "Ros",   "Wolf", "Vinke", "Eik",   "Beuk", "Linde", "Wilg",  "Els",   "Rie",   "Zand",  "Klei",
    "Heide", "Bron", "Dijk",  "Broek", "Mars", "Stein", "Zwane", "Haver", "Rogge", "Koren", "Appel",
    "Peren", "Kers", "Bloem", "Gras",  "Ooi",  "Lam",   "Steen", "Kolk"};
constexpr std::string_view kSurnameTails[] = {"huis", "horst", "kamp", "stra",  "ema",    "inga",  "land",  "man",
                                              "mans", "ink",   "sma",  "stede", "wijk",   "veen",  "beek",  "berg",
                                              "dam",  "donk",  "hof",  "laar",  "meijer", "brink", "bosch", "geest"};
constexpr std::string_view kStreetNames[] = {
    "Dorpsstraat", "Kerkstraat",   "Molenweg",      "Lindelaan",   "Beukenlaan",    "Eikenlaan",     "Schoolstraat",
    "Stationsweg", "Wilgenstraat", "Julianastraat", "Emmalaan",    "Oranjestraat",  "Parkweg",       "Hoofdstraat",
    "Nieuwstraat", "Bergweg",      "Kastanjelaan",  "Sportlaan",   "Industrieweg",  "Prinsengracht", "Zandpad",
    "Veldweg",     "Havenkade",    "Tuinstraat",    "Rozenstraat", "Tulpstraat",    "Merelstraat",   "Vinkenlaan",
    "Spoorstraat", "Marktplein",   "Weverstraat",   "Smidstraat",  "Bakkersgang",   "Heidelaan",     "Duinweg",
    "Waterkant",   "Polderweg",    "Torenstraat",   "Acacialaan",  "Populierenlaan"};
constexpr std::string_view kInitials[] = {"A.", "B.", "C.", "D.", "E.", "F.", "G.", "H.", "I.", "J.",
                                          "K.", "L.", "M.", "N.", "P.", "R.", "S.", "T.", "W.", "Y."};
constexpr std::string_view kGoodReasons[] = {
    "Spoedverzoek van de deurwaarder, toestemming teamleider", "Dreigende verjaring vandaag, behandelaar ziek",
    "Terugbelverzoek van afgeschermde persoon via vertrouwenslijn", "Storing in zaaksysteem, ticket bij beheer gemeld",
    "Uitbetaling vastgelopen, verzoek van de ombudsman"};

}  // namespace

std::span<const System> systems() {
  return kSystemList;
}
std::span<const Function> functions() {
  return kFunctionList;
}
std::span<const Office> offices() {
  return kOfficeList;
}
std::span<const std::string_view> street_names() {
  return kStreetNames;
}
std::span<const std::string_view> initials() {
  return kInitials;
}
std::span<const std::string_view> good_reasons() {
  return kGoodReasons;
}

std::vector<std::string> surnames() {
  static_assert(std::size(kUsualSurnames) == kSurnamesUsual);
  std::vector<std::string> all(std::begin(kUsualSurnames), std::end(kUsualSurnames));
  for (const std::string_view head : kSurnameHeads) {
    for (const std::string_view tail : kSurnameTails) all.push_back(fmt::format("{}{}", head, tail));
  }
  return all;
}

}  // namespace weerbaar::sample
