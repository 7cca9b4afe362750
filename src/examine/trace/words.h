// A finding in words, for people who must decide what to do with it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "examine/trace/trace.h"

namespace weerbaar::trace {

// What every answer begins with, in Dutch and in English.
inline constexpr std::string_view kLeadInDutch =
    "Aanknopingspunt, geen bewijs: dit zegt wie de gegevens zag, niet wie ze doorgaf. Wie ze nodig had, zag ze ook.";
inline constexpr std::string_view kLeadInEnglish =
    "A lead, not proof: this says who saw the data, and not who passed them on. Who needed them saw them too.";

// How a reader is called where it is shown.
using NameOf = std::function<std::string(Reader)>;

// Why this one stands where it stands: a sentence or two.
std::string in_words(const Suspect& suspect, const Finding& finding);
// How much the first place means.
std::string chance_in_words(const Finding& finding);
// Those who explain the list together; empty when it is one, or nobody.
std::string group_in_words(const Finding& finding, const NameOf& name_of);
// Which assumption would change the first place.
std::string sensitivity_in_words(const Finding& finding, const NameOf& name_of);
// What was taken for granted, a sentence each.
std::vector<std::string> assumptions_in_words(const Finding& finding);

// "0.4 %", "12 %".
std::string percent(double part);
// A likelihood ratio in a form that claims no more than it can: "about 40 times as well", "about as well".
std::string fit_in_words(double log_ratio);

}  // namespace weerbaar::trace
