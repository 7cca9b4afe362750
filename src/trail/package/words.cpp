#include "trail/package/words.h"

namespace weerbaar::trail {
namespace {

constexpr Words kEnglish{
    .title = "What the log holds",
    .made = "Made by {} at {}",
    .log = "Log: {}",
    .tree = "Tree: {} entries with root `{}`",
    .key = "Signed with the key: {}",
    .identities = "People are shown with the identities that the sources gave",
    .pseudonyms = "People are shown by pseudonyms: ~, the period of the key, and a number or code",
    .count = "Entries in this package: {}, of which accesses: {}",
    .times =
        "All times are in UTC (Z). Texts between `` ` `` come from the log, on one line; their exact form is in "
        "`entries/`.",
    .entries = "The entries",
    .access = "Entry {}: access",
    .record = "Entry {}: record about the log itself",
    .time = "Time: {}; taken in at {}",
    .future = "the clock of the source was more than five minutes ahead",
    .other_mark = "marked {}",
    .who = "Who: ",
    .function = "function ",
    .unit = "unit ",
    .on_behalf_of = "on behalf of ",
    .what = "Action: ",
    .component = "component ",
    .whose = "Whose data: ",
    .role = "as ",
    .nobody = "nobody named in the entry",
    .data = "Categories of data: ",
    .records = "Records shown: ",
    .purpose = "Purpose: ",
    .case_id = "case ",
    .processing_activity = "processing activity ",
    .legal_basis = "legal basis ",
    .reason = "reason ",
    .break_glass = "the emergency exit (break-glass) was used",
    .no_purpose = "none recorded",
    .query = "Searched for: ",
    .outcome = "Outcome: ",
    .workplace = "Workplace: ",
    .terminal = "terminal ",
    .ip = "address ",
    .location = "location ",
    .source = "Recorded by: source {} as {}",
    .withheld = "In the entry, not shown here: ",
    .shown_as_pseudonyms = "The key of {} was destroyed: people are shown by pseudonyms",
    .record_type = "Kind: {}; taken in at {}",
    .record_body = "Text: ",
    .range = "Time asked: from {} up to {}",
    .beginning = "the beginning",
    .end = "the end",
    .pseudonym = "Pseudonym asked: ",
    .no_accesses = "There are none.",
    .records_used = "Records of the log itself on which this rests",
    .record_line = "Entry {}: {}, taken in at {}: {}",
    .proven = "What this proves",
    .proven_entries =
        "Every entry above stood in the log {} when it had {} entries: at the place that is given, and "
        "byte for byte as in `entries/`. A proof in `proofs/` leads from each of them to the root of "
        "the tree (RFC 6962); from an entry changed by one bit no proof leads there.",
    .proven_signature = "The size and the root of the tree are signed with the key above (Ed25519), in `checkpoint`.",
    .proven_complete =
        "**Accesses: {}, and no others.** When the log had {} entries, it held no other access of the pseudonyms above "
        "in the time asked. The log itself has recorded the roots of {} indexes, which together are over exactly its "
        "first {} entries; for each of them `answer.json` proves all that it has of a pseudonym, or that it has "
        "nothing "
        "of it. The entries behind those are in this package, all of them.",
    .not_covered =
        "**Not shown for {}.** Of these periods no pseudonym is given: their keys were destroyed, or the question was "
        "about another period. Whether they hold accesses to this person is not shown.",
    .assumed = "What rests on trust",
    .assumed_key =
        "That the key above is the key of the log. Compare it with the one that the holder of the log has "
        "published, or that an auditor keeps.",
    .assumed_identities =
        "That the identities and texts shown belong to the pseudonyms and encrypted texts in the "
        "entries. The log itself holds only those; the holder of the keys has translated them.",
    .assumed_pseudonyms = "Who the pseudonyms stand for is not shown. Only the holder of the keys can tell.",
    .assumed_source = "That the systems recorded truly what happened, and by a clock that was right.",
    .assumed_complete =
        "**That there are no other accesses is not proven.** The entries were chosen by the maker of "
        "this package; the log may hold others that belong to the question.",
    .assumed_indexes =
        "That each index is that of its entries. `weerbaar verify`, run on the log, recomputes all of them from the "
        "entries: a log that recorded the root of a false index is found by that run, and not by this package.",
    .assumed_person =
        "That the pseudonyms above are those of the person who was meant, and all of them. The holder of the keys has "
        "made them from the identity.",
    .assumed_maker = "The question, the maker and the time of making are the maker's own words; they are not signed.",
    .neighbours =
        "Where an index does not have a pseudonym, `answer.json` shows the two that stand beside its place, as "
        "pseudonyms. They may be of other people; nothing of their accesses is shown.",
    .check = "`VERIFY.en.md` tells how to check this without trusting the maker.",
    .actor_types = {"employee", "service", "external"},
    .actions = {"read", "search", "list", "export", "print", "create", "update", "delete", "execute", "login", "logout",
                "decide"},
    .subject_types = {"BSN", "RSIN", "KVK number", "vehicle", "address", "employee", "other"},
    .outcomes = {"success", "denied", "failure"},
};

constexpr Words kDutch{
    .title = "Wat het logboek bevat",
    .made = "Gemaakt door {} op {}",
    .log = "Logboek: {}",
    .tree = "Boom: {} regels met wortel `{}`",
    .key = "Ondertekend met de sleutel: {}",
    .identities = "Personen staan er met de identiteiten die de bronnen gaven",
    .pseudonyms = "Personen staan er met pseudoniemen: ~, de periode van de sleutel, en een getal of code",
    .count = "Regels in dit bewijspakket: {}, waarvan raadplegingen en andere handelingen: {}",
    .times =
        "Alle tijden zijn in UTC (Z). Teksten tussen `` ` `` komen uit het logboek, op één regel; hun precieze "
        "vorm staat in `entries/`.",
    .entries = "De regels",
    .access = "Regel {}: handeling",
    .record = "Regel {}: aantekening over het logboek zelf",
    .time = "Tijd: {}; ontvangen op {}",
    .future = "de klok van de bron liep meer dan vijf minuten voor",
    .other_mark = "gemerkt met {}",
    .who = "Wie: ",
    .function = "functie ",
    .unit = "afdeling ",
    .on_behalf_of = "namens ",
    .what = "Handeling: ",
    .component = "onderdeel ",
    .whose = "Van wie: ",
    .role = "als ",
    .nobody = "niemand genoemd in de regel",
    .data = "Soorten gegevens: ",
    .records = "Getoonde records: ",
    .purpose = "Doel: ",
    .case_id = "zaak ",
    .processing_activity = "verwerkingsactiviteit ",
    .legal_basis = "grondslag ",
    .reason = "reden ",
    .break_glass = "de noodprocedure is gebruikt",
    .no_purpose = "niet vastgelegd",
    .query = "Gezocht op: ",
    .outcome = "Uitkomst: ",
    .workplace = "Werkplek: ",
    .terminal = "terminal ",
    .ip = "adres ",
    .location = "plaats ",
    .source = "Vastgelegd door: bron {} als {}",
    .withheld = "In de regel, hier niet getoond: ",
    .shown_as_pseudonyms = "De sleutel van {} is vernietigd: personen staan er met pseudoniemen",
    .record_type = "Soort: {}; ontvangen op {}",
    .record_body = "Tekst: ",
    .range = "Gevraagde tijd: van {} tot {}",
    .beginning = "het begin",
    .end = "het einde",
    .pseudonym = "Gevraagd pseudoniem: ",
    .no_accesses = "Er zijn er geen.",
    .records_used = "Aantekeningen van het logboek zelf waarop dit berust",
    .record_line = "Regel {}: {}, ontvangen op {}: {}",
    .proven = "Wat dit bewijst",
    .proven_entries =
        "Elke regel hierboven stond in het logboek {} toen dat {} regels had: op de plaats die erbij "
        "staat, en byte voor byte zoals in `entries/`. Een bewijs in `proofs/` leidt van elk van die "
        "regels naar de wortel van de boom (RFC 6962); vanaf een regel waarin één bit is veranderd leidt "
        "geen bewijs daarheen.",
    .proven_signature =
        "Grootte en wortel van de boom zijn ondertekend met de sleutel hierboven (Ed25519), in "
        "`checkpoint`.",
    .proven_complete =
        "**Handelingen: {}, en geen andere.** Toen het logboek {} regels had, bevatte het geen andere handeling met de "
        "pseudoniemen hierboven in de gevraagde tijd. Het logboek heeft zelf de wortels vastgelegd van {} registers, "
        "die "
        "samen over precies de eerste {} regels gaan; voor elk daarvan bewijst `answer.json` alles wat er van een "
        "pseudoniem in staat, of dat er niets van in staat. De regels daarachter staan alle in dit pakket.",
    .not_covered =
        "**Niet aangetoond voor {}.** Van deze perioden is geen pseudoniem gegeven: de sleutel is vernietigd, of de "
        "vraag "
        "ging over een andere periode. Of daarin handelingen met gegevens van deze persoon staan is niet aangetoond.",
    .assumed = "Wat op vertrouwen berust",
    .assumed_key =
        "Dat de sleutel hierboven die van het logboek is. Vergelijk hem met de sleutel die de houder van het "
        "logboek heeft gepubliceerd, of die een controleur bewaart.",
    .assumed_identities =
        "Dat de getoonde identiteiten en teksten horen bij de pseudoniemen en versleutelde teksten in "
        "de regels. Het logboek zelf bevat alleen die; de houder van de sleutels heeft ze vertaald.",
    .assumed_pseudonyms =
        "Voor wie de pseudoniemen staan wordt niet getoond. Alleen de houder van de sleutels kan dat "
        "zeggen.",
    .assumed_source = "Dat de systemen naar waarheid hebben vastgelegd wat er gebeurde, met een klok die goed liep.",
    .assumed_complete =
        "**Dat er geen andere raadplegingen zijn is niet bewezen.** De maker van dit pakket heeft de "
        "regels gekozen; het logboek kan andere bevatten die bij de vraag horen.",
    .assumed_indexes =
        "Dat elk register dat van zijn regels is. `weerbaar verify`, uitgevoerd op het logboek, berekent ze alle "
        "opnieuw "
        "uit de regels: een logboek dat de wortel van een vals register heeft vastgelegd wordt daarmee gevonden, en "
        "niet "
        "met dit pakket.",
    .assumed_person =
        "Dat de pseudoniemen hierboven die van de bedoelde persoon zijn, en alle. De houder van de sleutels heeft ze "
        "van "
        "de identiteit gemaakt.",
    .assumed_maker =
        "De vraag, de maker en het moment van maken zijn woorden van de maker zelf; ze zijn niet "
        "ondertekend.",
    .neighbours =
        "Waar een register een pseudoniem niet bevat, toont `answer.json` de twee die naast zijn plaats staan, als "
        "pseudoniem. Ze kunnen van andere mensen zijn; van hun handelingen wordt niets getoond.",
    .check = "`VERIFY.nl.md` vertelt hoe u dit controleert zonder de maker te vertrouwen.",
    .actor_types = {"medewerker", "systeemaccount", "extern"},
    .actions = {"raadplegen", "zoeken", "lijst tonen", "exporteren", "afdrukken", "aanmaken", "wijzigen", "verwijderen",
                "uitvoeren", "inloggen", "uitloggen", "beslissen"},
    .subject_types = {"BSN", "RSIN", "KVK-nummer", "voertuig", "adres", "medewerker", "overig"},
    .outcomes = {"gelukt", "geweigerd", "mislukt"},
};

}  // namespace

const Words& words_of(Language language) {
  return language == Language::kDutch ? kDutch : kEnglish;
}

}  // namespace weerbaar::trail
