#include "peers/figures.h"

#include <nlohmann/json.hpp>

namespace weerbaar::benchmarks {

void Figures::add(Figures other) {
  numbers.merge(other.numbers);
  answers.merge(other.answers);
  notes.merge(other.notes);
}

nlohmann::json to_json(const Figures& figures) {
  return {{"numbers", figures.numbers}, {"answers", figures.answers}, {"notes", figures.notes}};
}

Figures figures_of(const nlohmann::json& json) {
  return {json.at("numbers"), json.at("answers"), json.at("notes")};
}

}  // namespace weerbaar::benchmarks
