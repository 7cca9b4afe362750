// The guilt model of P. Papadimitriou and H. Garcia-Molina, Data Leakage Detection, IEEE Transactions on Knowledge and
// Data Engineering 23(1), 2011: the chance that a reader leaked at least one of the persons, when each of them came
// from elsewhere with chance p, and else from one of its readers, from each with the same chance.
#pragma once

#include <span>

namespace weerbaar::trace {

// Pr{G | S} = 1 − Π over the leaked persons that the reader consulted of (1 − (1 − p) · share)
//
// `shares`: of the reader among the readers of each of those persons, 1 / |V_t|; where explained consultations weigh
// less, its weight divided by that of all readers.
double guilt(std::span<const double> shares, double elsewhere);

}  // namespace weerbaar::trace
