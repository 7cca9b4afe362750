#include "report/words.h"

#include <fmt/format.h>

#include <charconv>

namespace weerbaar::report {
namespace {

struct Both {
  std::string_view nl;
  std::string_view en;
};

constexpr std::array<Both, static_cast<size_t>(Word::kWords)> kAll{{
    {"Maandrapport raadplegingen", "Monthly report on consultations"},
    {"Generiek: zonder identiteiten", "Generic: without identities"},
    {"Raadplegingen", "Consultations"},
    {"Medewerkers", "Employees"},
    {"en onbekende accounts", "and unknown accounts"},
    {"Personen", "Persons"},
    {"Andere zoeksleutel", "Another search key"},
    {"Buiten werktijd", "Outside working hours"},
    {"Noodprocedure", "Break-glass"},
    {"Gemarkeerd", "Flagged"},
    {"Verklaard", "Explained"},
    {"Onverklaard", "Unexplained"},
    {"van het totaal", "of the total"},
    {"van de zoekvragen", "of searches"},
    {"< 5", "< 5"},
    {"Verloop", "Trend"},
    {"Raadplegingen per maand", "Consultations a month"},
    {"Toets op het doel", "Check of purpose"},
    {"Onverklaard is neutraal: geen feit in het register leidt van de medewerker naar de persoon. Een eerste "
     "raadpleging "
     "is die van een persoon die de medewerker in deze maand niet eerder zag; zij is moeilijker te verklaren.",
     "Unexplained is neutral: no fact in the register leads from the employee to the person. A first consultation is "
     "of "
     "a person whom the employee did not look at before in this month; it is harder to explain."},
    {"Alle raadplegingen", "All consultations"},
    {"Eerste raadplegingen", "First consultations"},
    {"Meest gebruikte systemen", "Most used systems"},
    {"Systeem", "System"},
    {"Buiten werktijd", "Outside hours"},
    {"Vergelijking tussen eenheden", "Benchmark between units"},
    {"Naast elk cijfer staat de mediaan van eenheden met dezelfde functie; zijn er daarvan minder dan drie, dan van "
     "alle "
     "eenheden.",
     "Beside each figure stands the median of units with the same function; where these are fewer than three, that of "
     "all units."},
    {"Eenheid", "Unit"},
    {"Per medewerker", "For each employee"},
    {"overige", "others"},
    {"niet in het register", "not in the register"},
    {"alle eenheden", "all units"},
    {"Vergeleken met", "Compared with"},
    {"Dekking", "Coverage"},
    {"Elke raadpleging van de maand is getoetst: {}. Niet meer leesbaar, omdat de sleutel vernietigd is: {}. Van de "
     "bronnen tellen de {} dagen van de maand die voorbij waren.",
     "Every consultation of the month was checked: {}. Not readable any more, for the key is destroyed: {}. Of sources "
     "the {} days of the month count that were over."},
    {"Bron", "Source"},
    {"Werkdagen met levering", "Working days with delivery"},
    {"Ontbrekende records", "Missing records"},
    {"Uren stil", "Hours silent"},
    {"Werkdagen zonder levering", "Working days without delivery"},
    {"geen", "none"},
    {"Verantwoording", "How this was made"},
    {"Buiten werktijd is buiten de dienst van de medewerker, waar het register die kent; anders buiten werkdagen van "
     "{} tot {} uur ({}): "
     "maandag tot en met vrijdag zonder de feestdagen. Op dienst getoetst: {}.",
     "Outside working hours is outside the shift of the employee, where the register knows it; else outside working "
     "days "
     "from {} to {} o'clock ({}): Monday to Friday without the public holidays of the Netherlands. Judged by shift: "
     "{}."},
    {"Een zoekvraag op een andere sleutel is gedaan op naam, adres, geboortedatum of iets anders dan een "
     "identificerend "
     "nummer. Van {} zoekvragen meldt de bron niet waarop gezocht is.",
     "A search on another key was made by name, address, date of birth or anything but an identifying number. Of {} "
     "searches the source does not say by what."},
    {"Geen cijfer berust op minder dan vijf medewerkers: zulke cijfers zijn verborgen (< 5 of –), en ook andere "
     "waaruit zij "
     "te berekenen zouden zijn. Kleine eenheden en systemen zijn samengenomen. Een account dat het register bij geen "
     "medewerker kent, zoals dat van een systeem, telt als medewerker.",
     "No figure rests on fewer than five employees: such figures are hidden (< 5 or –), and so are others from which "
     "they "
     "could be computed. Small units and systems are put together. An account that the register knows of no employee, "
     "such "
     "as that of a system, counts as an employee."},
    {"Log {} bij omvang {}; controlebeleid {} \"{}\" (SHA-256 {}); feiten tot en met import {}; SHA-256 van de "
     "bevindingen {}. Dezelfde gegevens geven hetzelfde rapport.",
     "Log {} at size {}; control policy {} \"{}\" (SHA-256 {}); facts up to import {}; SHA-256 of the findings {}. The "
     "same data give the same report."},
    {"Bladzijde {}", "Page {}"},
}};

constexpr std::array<Both, 12> kMonthNames{{{"januari", "January"},
                                            {"februari", "February"},
                                            {"maart", "March"},
                                            {"april", "April"},
                                            {"mei", "May"},
                                            {"juni", "June"},
                                            {"juli", "July"},
                                            {"augustus", "August"},
                                            {"september", "September"},
                                            {"oktober", "October"},
                                            {"november", "November"},
                                            {"december", "December"}}};

constexpr std::string_view kNothing = "–";

std::string_view of(const Both& both, Language language) {
  return language == Language::kDutch ? both.nl : both.en;
}

std::string with_comma(std::string text, Language language) {
  if (const size_t point = text.find('.'); language == Language::kDutch && point != std::string::npos)
    text[point] = ',';
  return text;
}

const Both& names_of(std::string_view month) {
  constexpr size_t kMonthBegin = 5;
  size_t number = 1;
  std::from_chars(month.data() + kMonthBegin, month.data() + month.size(), number);
  return kMonthNames[number - 1];
}

}  // namespace

std::string_view word(Word word, Language language) {
  return of(kAll[static_cast<size_t>(word)], language);
}

std::string month_name(std::string_view month, Language language) {
  return fmt::format("{} {}", of(names_of(month), language), month.substr(0, 4));
}

std::string short_month_name(std::string_view month, Language language) {
  constexpr size_t kLetters = 3;
  const std::string_view name = of(names_of(month), language);
  return name == "maart" ? "mrt" : std::string(name.substr(0, kLetters));
}

std::string short_date(std::string_view date, Language language) {
  constexpr size_t kDayBegin = 8;
  std::string_view day = date.substr(kDayBegin);
  if (day.starts_with('0')) day.remove_prefix(1);
  return fmt::format("{} {}", day, short_month_name(date, language));
}

std::string number_text(uint64_t number, Language language) {
  constexpr size_t kGroup = 3;
  std::string text = std::to_string(number);
  for (size_t place = text.size(); place > kGroup;) {
    place -= kGroup;
    text.insert(place, language == Language::kDutch ? "." : ",");
  }
  return text;
}

std::string percent_text(std::optional<double> share, Language language) {
  return share ? with_comma(fmt::format("{:.1f} %", *share * 100), language) : std::string(kNothing);
}

std::string decimal_text(std::optional<double> number, Language language) {
  return number ? with_comma(fmt::format("{:.1f}", *number), language) : std::string(kNothing);
}

std::string figure_text(Figure figure, Language language) {
  return figure ? number_text(*figure, language) : std::string(word(Word::kHidden, language));
}

}  // namespace weerbaar::report
