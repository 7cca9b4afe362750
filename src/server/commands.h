// The commands, one file each under server/commands/. Each gives the exit status, or the error that stopped it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "examine/trace/assumptions.h"
#include "server/console.h"
#include "server/data_directory.h"

namespace weerbaar::server {

struct InitOptions {
  std::string directory;
  std::string origin;  // empty: made from the name of the machine and of the directory
  std::string keys;    // empty: beside the directory, named after it
  int64_t retention_months = 84;
  std::vector<std::string> names;  // of the server, for its certificate, besides those of this machine
  bool no_certificate = false;     // the settings will name one
};
Result<int> run_init(const InitOptions& options, Console& console);
struct MadeDirectory {
  DataDirectory data;
  std::string certificate_sha256;  // as "AB:CD:…"; empty when none was made
};
// The same without a word, for commands that make a data directory on their way.
Result<MadeDirectory> make_data_directory(const InitOptions& options);

struct IngestOptions {
  std::string directory;
  std::string keys;
  std::string format;
  std::string mapping;
  std::string receipt;  // file for the signed checkpoint
  std::vector<std::string> files;
};
Result<int> run_ingest(const IngestOptions& options, Console& console);

// kInvalid when no moment lies in the range: an empty answer would read as "nobody".
Status check_range(const std::optional<Time>& from, const std::optional<Time>& to);

struct ConsultationsOptions {
  std::string directory;
  std::string keys;  // given: identities are shown
  std::string of;
  std::string by;
  std::optional<Time> from;
  std::optional<Time> to;
  std::optional<uint64_t> limit;
  bool why = false;  // the facts that each was judged by
  UsePurpose purpose;
};
Result<int> run_consultations(const ConsultationsOptions& options, Console& console);

struct CountOptions {
  std::string directory;
  std::string keys;
  std::string group_by;
  std::string where;
  UsePurpose purpose;
};
Result<int> run_count(const CountOptions& options, Console& console);

struct TraceOptions {
  std::string directory;
  std::string keys;    // given: identities are shown
  std::string leaked;  // file with a person a line
  std::optional<Time> from;
  std::optional<Time> before;  // always given
  trace::Assumptions assumptions;
  uint64_t top = 10;
  std::string output;  // evidence package; empty: none
  UsePurpose purpose;
};
Result<int> run_trace(const TraceOptions& options, Console& console);

struct VerifyCommandOptions {
  std::string directory;
  std::string keys;
  std::string key;      // verifier key that somebody kept; empty: that of the settings
  std::string against;  // file with a checkpoint that somebody kept
  std::string policy;   // file: who must have signed that, or what witnesses cosigned; empty: the log
};
Result<int> run_verify(const VerifyCommandOptions& options, Console& console);

struct ProveOptions {
  std::string directory;
  std::string keys;
  std::vector<uint64_t> indexes;
  std::string of;
  std::optional<Time> from;
  std::optional<Time> to;
  std::string output;
  bool everybody = false;         // with keys, of a person: the others of the same accesses by name too
  bool although_refused = false;  // by the witnesses
  UsePurpose purpose;
};
Result<int> run_prove(const ProveOptions& options, Console& console);

struct VerifyPackageOptions {
  std::string file;
  std::string key;
  std::string against;
  std::string policy;  // file: which logs are believed, and which witnesses must have cosigned; empty: none
};
Result<int> run_verify_package(const VerifyPackageOptions& options, Console& console);

struct TilesOptions {
  std::string directory;
  std::string keys;
  std::string output;
  UsePurpose purpose;
};
Result<int> run_tiles(const TilesOptions& options, Console& console);

struct RegisterImportOptions {
  std::string directory;
  std::string keys;
  std::string what;  // a table, of which the file is CSV, or a format of deliveries
  std::string file;
  std::string mapping;
  std::string origin;  // empty: that of the mapping, else the name of the format
  std::optional<Time> as_of;
  bool is_snapshot = false;
};
Result<int> run_register_import(const RegisterImportOptions& options, Console& console);

struct RegisterRestoredOptions {
  std::string directory;
  std::string keys;
  UsePurpose purpose;
};
Result<int> run_register_restored(const RegisterRestoredOptions& options, Console& console);

struct PolicyAdoptOptions {
  std::string directory;
  std::string keys;
  std::string name;
  std::string on;       // a date; empty: today
  std::string rules;    // folder with a folder a rule; empty: those that come with the program
  std::string signals;  // file that says how signals are ranked; empty: as the program does
};
Result<int> run_policy_adopt(const PolicyAdoptOptions& options, Console& console);

struct CheckOptions {
  std::string directory;
  std::string keys;
  std::optional<Time> from;
  std::optional<Time> to;
  std::optional<uint64_t> policy;    // its number; else the last that was adopted
  std::optional<uint64_t> known_at;  // import after which facts were known so; else the last
  std::optional<uint64_t> size;      // of the trail: what stands behind is not looked at; else all
  UsePurpose purpose;
};
Result<int> run_check(const CheckOptions& options, Console& console);

struct SignalsOptions {
  std::string directory;
  std::string keys;  // given: identities are shown
  std::optional<Time> from;
  std::optional<Time> to;
  std::optional<double> budget;      // signals for 10,000 employees in two weeks; else the policy's
  std::optional<uint64_t> policy;    // its number; else the last that was adopted
  std::optional<uint64_t> known_at;  // import after which facts were known so; else the last
  UsePurpose purpose;
};
Result<int> run_signals(const SignalsOptions& options, Console& console);

struct SignalFeedbackOptions {
  std::string directory;
  std::string keys;
  uint64_t signal = 0;  // its number
  bool justified = false;
  std::string remark;
};
Result<int> run_signal_feedback(const SignalFeedbackOptions& options, Console& console);

struct MissingFactsOptions {
  std::string directory;
  std::string keys;
  std::optional<Time> from;
  std::optional<Time> to;
  std::optional<uint64_t> policy;
  std::string by;  // fields, separated by commas; empty: a table for each
  size_t top = 10;
  UsePurpose purpose;
};
Result<int> run_missing_facts(const MissingFactsOptions& options, Console& console);

struct SampleCommandOptions {
  std::string directory;
  std::string keys;
  uint64_t employees = 2'000;
  uint64_t events = 0;  // 0: what the work amounts to
  uint64_t days = 92;
  uint64_t seed = 1;
  std::string from = "2026-01-05";  // a date
  std::string events_file;          // the accesses as JSON Lines too; empty: not
};
Result<int> run_sample(const SampleCommandOptions& options, Console& console);

struct ServeOptions {
  std::string directory;
  std::string keys;
  std::string listen;  // "127.0.0.1:8443"; empty: what the settings say
};
// Until it is told to stop.
Result<int> run_serve(const ServeOptions& options, Console& console);

struct AccountOptions {
  enum class Change { kAdd, kList, kDisable, kReset, kGiveRole, kTakeRole };

  std::string directory;
  std::string keys;
  Change change = Change::kList;
  std::string name;
  std::string employee;
  std::string role;
};
// A password is asked at the terminal, or read from standard input.
Result<int> run_account(const AccountOptions& options, Console& console);

struct WitnessInitOptions {
  std::string directory;
  std::string name;  // of the witness and its key, such as witness.example.org/w1
};
Result<int> run_witness_init(const WitnessInitOptions& options, Console& console);

struct WitnessOptions {
  std::string directory;  // of the witness
  std::string listen;     // "127.0.0.1:8444"; empty: what the settings say
};
// Until it is told to stop.
Result<int> run_witness(const WitnessOptions& options, Console& console);

struct WitnessesOptions {
  std::string directory;
};
Result<int> run_witnesses(const WitnessesOptions& options, Console& console);
struct SourcesOptions {
  std::string directory;
  std::string keys;
};
// kExitNegative when one is silent, or records of one are missing.
Result<int> run_sources(const SourcesOptions& options, Console& console);

struct TokenOptions {
  std::string source;
  bool is_application = false;  // that asks for decisions
  bool is_mirror = false;       // that reads the log
};
Result<int> run_token(const TokenOptions& options, Console& console);

struct DecisionsOptions {
  std::string directory;
  std::string keys;  // given: identities are shown
  bool to_review = false;
  UsePurpose purpose;
};
Result<int> run_decisions(const DecisionsOptions& options, Console& console);

struct DecisionReviewOptions {
  std::string directory;
  std::string keys;
  uint64_t decision = 0;  // its entry
  bool justified = false;
  std::string remark;
};
Result<int> run_decision_review(const DecisionReviewOptions& options, Console& console);

struct DecisionAdoptOptions {
  std::string directory;
  std::string keys;
  std::string name;
  std::string on;    // a date; empty: today
  std::string file;  // TOML; empty: the decision policy of the program
};
Result<int> run_decision_adopt(const DecisionAdoptOptions& options, Console& console);
struct ReportOptions {
  std::string directory;
  std::string keys;
  std::string month;                 // "2026-03"
  std::string output;                // ends in .pdf, .json or .csv; empty: none
  std::string language;              // nl, en; empty: a document in Dutch, a table for programs
  std::optional<uint64_t> policy;    // its number; else the last that was adopted
  std::optional<uint64_t> known_at;  // import after which facts were known so; else the last
  std::optional<uint64_t> size;      // of the trail: what stands behind is not looked at; else all
  UsePurpose purpose;
};
Result<int> run_report(const ReportOptions& options, Console& console);

struct RetentionOptions {
  std::string directory;
  std::string keys;
  bool dry_run = false;
};
Result<int> run_retention(const RetentionOptions& options, Console& console);

}  // namespace weerbaar::server
