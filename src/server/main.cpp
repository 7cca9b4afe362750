// weerbaar COMMAND DIR [options]: reads the command line and runs one command. docs/operate/command-line.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>

#include "base/utf8.h"
#include "ingest/registry.h"
#include "os/process.h"
#include "register/formats.h"
#include "server/commands.h"
#include "server/paths.h"

namespace weerbaar::server {
namespace {

using Run = std::function<Result<int>(Console&)>;

// Adds a command whose options are kept in `Options`; `describe` adds them.
template <class Options, class Describe>
void add_command(CLI::App& app, Run& chosen, const std::string& name, const std::string& description,
                 Result<int> (*run)(const Options&, Console&), Describe describe) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(name, description);
  describe(*command, *options);
  command->callback(
      [&chosen, options, run] { chosen = [options, run](Console& console) { return run(*options, console); }; });
}

void add_directory(CLI::App& command, std::string& directory) {
  command.add_option("DIR", directory, "the data directory")->required()->check(&why_no_directory);
}

void add_keys(CLI::App& command, std::string& keys, const std::string& description) {
  command.add_option("--keys", keys, description)->check(&why_no_directory)->type_name("DIR");
}

void add_purpose(CLI::App& command, UsePurpose& purpose) {
  command.add_option("--case", purpose.case_id, "case that this query belongs to; recorded")->type_name("CASE");
  command.add_option("--reason", purpose.reason, "why you ask; recorded")
      ->type_name("TEXT")
      ->check([](const std::string& text) { return is_blank(text) ? "say why" : ""; }, "");
}

// Nothing that was said is passed over: what only the list of a command takes goes with no command of it.
void refuse_options_of_list(const CLI::App& command) {
  for (const CLI::Option* const option : command.get_options()) {
    const bool is_for_both = option->get_positional() || option->check_lname("keys") || option->check_lname("json");
    if (option->count() == 0 || is_for_both) continue;
    throw CLI::ValidationError(option->get_name(), "goes with the list only, not with what is recorded about one");
  }
}

void add_time(CLI::App& command, const char* name, std::optional<Time>& time, const std::string& description) {
  command
      .add_option_function<std::string>(
          name,
          [&time, name](const std::string& text) {
            const auto parsed = parse_time_or_date(text);
            if (!parsed) throw CLI::ValidationError(name, parsed.error().text);
            time = *parsed;
          },
          description)
      ->type_name("TIME");
}

// The number of a policy, of an import or of entries.
void add_number(CLI::App& command, const std::string& name, std::optional<uint64_t>& number, uint64_t least,
                const std::string& description, const std::string& type) {
  command
      .add_option_function<std::string>(
          name,
          [&number, name, least](const std::string& text) {
            uint64_t read = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
            if (error != std::errc() || end != text.data() + text.size() || read < least) {
              throw CLI::ValidationError(name, fmt::format("{} is no whole number from {} on", text, least));
            }
            number = read;
          },
          description)
      ->type_name(type);
}

constexpr int kLimitMax = 1'000'000'000;
constexpr double kBudgetMax = 10'000;
constexpr const char* kPolicyNumber = "the number of a policy; else the one in force";
constexpr const char* kKnownAt = "facts as they were known after this import; else the last";
constexpr const char* kShowKeys = "show identities, with the keys in this directory; without it pseudonyms are shown";
constexpr const char* kPolicyFile =
    "whom you believe: logs, and the witnesses that must have cosigned (c2sp.org/tlog-policy)";
constexpr const char* kOtherKeys = "where the keys are, when not where the settings say";

void add_query_commands(CLI::App& app, Run& chosen) {
  add_command<ConsultationsOptions>(
      app, chosen, "consultations", "who consulted this person, or what this employee consulted", &run_consultations,
      [](CLI::App& command, ConsultationsOptions& options) {
        add_directory(command, options.directory);
        command
            .add_option("--of", options.of, "a person: bsn:…, rsin:…, kvk:…, vehicle:…, address:…, employee:…, other:…")
            ->type_name("TYPE:ID");
        command.add_option("--by", options.by, "an employee or account")->type_name("EMPLOYEE");
        add_time(command, "--from", options.from, "first moment, RFC 3339 or a date (UTC)");
        add_time(command, "--to", options.to, "up to, not including");
        command.add_option("--limit", options.limit, "at most this many, the earliest")
            ->check(CLI::Range(1, kLimitMax))
            ->type_name("N");
        command.add_flag("--why", options.why, "the facts by which each was judged as it was; needs --keys");
        add_keys(command, options.keys, kShowKeys);
        add_purpose(command, options.purpose);
      });
  add_command<CountOptions>(
      app, chosen, "count", "how many accesses, by any field that identifies nobody", &run_count,
      [](CLI::App& command, CountOptions& options) {
        add_directory(command, options.directory);
        command
            .add_option("--group-by", options.group_by,
                        "fields, separated by commas: year, month, day, hour, weekday, source, "
                        "system, component, action, outcome, activity, legal_basis, unit, "
                        "function, actor_type, break_glass")
            ->required()
            ->type_name("F[,F…]");
        command.add_option("--where", options.where, "such as: system=BVR and hour>=19")->type_name("EXPR");
        add_keys(command, options.keys, kOtherKeys);
        add_purpose(command, options.purpose);
      });
}

void add_trace_command(CLI::App& app, Run& chosen) {
  add_command<TraceOptions>(
      app, chosen, "trace", "who may be the source of a leak: a lead, not proof", &run_trace,
      [](CLI::App& command, TraceOptions& options) {
        trace::Assumptions& assumed = options.assumptions;
        add_directory(command, options.directory);
        command.add_option("--leaked", options.leaked, "the leaked persons, one TYPE:ID a line")
            ->required()
            ->check(&why_no_file)
            ->type_name("FILE");
        add_time(command, "--before", options.before, "when it had leaked: consultations before it count");
        command.get_option("--before")->required();
        add_time(command, "--from", options.from, "first moment, RFC 3339 or a date (UTC); default: a year before");
        command.add_option("--elsewhere", assumed.elsewhere, "chance that the data of a person came from elsewhere")
            ->capture_default_str()
            ->type_name("P");
        command.add_option("--explained-weight", assumed.explained_weight, "of a consultation that work explains")
            ->capture_default_str()
            ->type_name("W");
        command.add_option("--leakers", assumed.leakers, "at most so many who split the work")
            ->capture_default_str()
            ->type_name("N");
        command.add_option("--drawings", assumed.drawings, "lists drawn, to see what chance gives")
            ->capture_default_str()
            ->type_name("N");
        command.add_option("--seed", assumed.seed, "of the drawing")->capture_default_str()->type_name("N");
        command.add_option("--top", options.top, "at most this many employees, the first")
            ->check(CLI::Range(1, kLimitMax))
            ->capture_default_str()
            ->type_name("N");
        command.add_option("-o,--output", options.output, "also write an evidence package of the accesses it rests on")
            ->check(&why_no_file)
            ->type_name("FILE");
        add_keys(command, options.keys, kShowKeys);
        add_purpose(command, options.purpose);
      });
}

void add_proof_commands(CLI::App& app, Run& chosen) {
  add_command<VerifyCommandOptions>(
      app, chosen, "verify", "recompute everything, and say what is wrong and where", &run_verify,
      [](CLI::App& command, VerifyCommandOptions& options) {
        add_directory(command, options.directory);
        command.add_option("--against", options.against, "a checkpoint that you kept: the trail must still contain it")
            ->check(&why_no_file)
            ->type_name("FILE");
        command.add_option("--key", options.key, "the verifier key that you kept")->type_name("KEY");
        command.add_option("--policy", options.policy, kPolicyFile)->check(&why_no_file)->type_name("FILE");
        add_keys(command, options.keys, kOtherKeys);
      });
  add_command<ProveOptions>(
      app, chosen, "prove", "make an evidence package that anybody can check", &run_prove,
      [](CLI::App& command, ProveOptions& options) {
        add_directory(command, options.directory);
        command.add_option("INDEX", options.indexes, "numbers of entries");
        command.add_option("--of", options.of, "every consultation of a person")->type_name("TYPE:ID");
        add_time(command, "--from", options.from, "first moment, RFC 3339 or a date (UTC)");
        add_time(command, "--to", options.to, "up to, not including");
        command.add_option("-o,--output", options.output, "the package to write")
            ->required()
            ->check(&why_no_file)
            ->type_name("FILE");
        add_keys(command, options.keys, kShowKeys);
        command.add_flag("--everybody", options.everybody,
                         "with --of and --keys: name the others of the same accesses too");
        command.add_flag("--although-refused", options.although_refused,
                         "also of a log that its witnesses refuse: the package says so");
        add_purpose(command, options.purpose);
      });
  add_command<VerifyPackageOptions>(
      app, chosen, "verify-package", "check an evidence package, without the trail", &run_verify_package,
      [](CLI::App& command, VerifyPackageOptions& options) {
        command.add_option("FILE", options.file, "the package")->required()->check(&why_no_file);
        command.add_option("--key", options.key, "the verifier key that you trust")->type_name("KEY");
        command.add_option("--against", options.against, "a checkpoint that you kept")
            ->check(&why_no_file)
            ->type_name("FILE");
        command.add_option("--policy", options.policy, kPolicyFile)->check(&why_no_file)->type_name("FILE");
      });
  add_command<TilesOptions>(
      app, chosen, "tiles", "write the log as a static C2SP tlog-tiles tree", &run_tiles,
      [](CLI::App& command, TilesOptions& options) {
        add_directory(command, options.directory);
        command.add_option("OUT", options.output, "directory to write to")->required()->check(&why_no_directory);
        add_keys(command, options.keys, kOtherKeys);
        add_purpose(command, options.purpose);
      });
}

void add_keeping_commands(CLI::App& app, Run& chosen) {
  add_command<InitOptions>(
      app, chosen, "init", "make a data directory, with keys", &run_init, [](CLI::App& command, InitOptions& options) {
        add_directory(command, options.directory);
        command.add_option("--origin", options.origin, "name of the log, such as example.org/reads");
        add_keys(command, options.keys, "where to make the keys; default: DIR.keys, beside DIR");
        command
            .add_option("--retention-months", options.retention_months, "after which the key of a quarter is destroyed")
            ->check(CLI::Range(1, 1'200))
            ->capture_default_str();
        auto* const server =
            command.add_option("--server", options.names, "name or address of the server, in its certificate too")
                ->type_name("NAME")
                ->allow_extra_args(false);
        command.add_flag("--no-certificate", options.no_certificate, "make none: the settings will name one")
            ->excludes(server);
      });
  add_command<IngestOptions>(
      app, chosen, "ingest", "take access events in; durable when it returns", &run_ingest,
      [](CLI::App& command, IngestOptions& options) {
        std::string formats;
        for (const ingest::SourceFormat& format : ingest::source_formats()) {
          formats += fmt::format("{}{}", formats.empty() ? "" : ", ", format.name);
        }
        add_directory(command, options.directory);
        command.add_option("FILE", options.files, "inputs; none or -: standard input")->check(&why_no_file);
        command.add_option("--format", options.format, "one of: " + formats)->required()->type_name("F");
        command.add_option("--mapping", options.mapping, "mapping file (TOML)")->check(&why_no_file)->type_name("FILE");
        command.add_option("--receipt", options.receipt, "also write the signed checkpoint here")
            ->check(&why_no_file)
            ->type_name("FILE");
        add_keys(command, options.keys, kOtherKeys);
      });
  add_command<RetentionOptions>(app, chosen, "retention", "destroy the keys of periods past their term, on record",
                                &run_retention, [](CLI::App& command, RetentionOptions& options) {
                                  add_directory(command, options.directory);
                                  command.add_flag("--dry-run", options.dry_run, "only say which");
                                  add_keys(command, options.keys, kOtherKeys);
                                });
}

void add_server_commands(CLI::App& app, Run& chosen) {
  add_command<ServeOptions>(app, chosen, "serve", "take events in over the network, until it is told to stop",
                            &run_serve, [](CLI::App& command, ServeOptions& options) {
                              add_directory(command, options.directory);
                              command
                                  .add_option("--listen", options.listen,
                                              "where, such as 127.0.0.1:8443 or [::1]:8443; else as the settings say")
                                  ->type_name("ADDRESS:PORT");
                              add_keys(command, options.keys, kOtherKeys);
                            });
  add_command<SourcesOptions>(app, chosen, "sources", "which sources are silent, and of which records are missing",
                              &run_sources, [](CLI::App& command, SourcesOptions& options) {
                                add_directory(command, options.directory);
                                add_keys(command, options.keys, kOtherKeys);
                              });
  add_command<TokenOptions>(
      app, chosen, "token", "make a token by which a source may send events to the server", &run_token,
      [](CLI::App& command, TokenOptions& options) {
        command.add_option("SOURCE", options.source, "the source of all its events")->required();
        CLI::Option* const application = command.add_flag("--application", options.is_application,
                                                          "for an application of that name, to ask for decisions");
        command.add_flag("--mirror", options.is_mirror, "for a mirror of that name, to read the entries of the log")
            ->excludes(application);
      });
}

void add_witness_commands(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<WitnessOptions>();
  auto made = std::make_shared<WitnessInitOptions>();
  CLI::App* command = app.add_subcommand("witness", "an independent witness, which cosigns what logs sign");
  command->add_option("DIR", options->directory, "the directory of the witness")->required()->check(&why_no_directory);
  command->add_option("--listen", options->listen, "where, such as 127.0.0.1:8444; else as its settings say")
      ->type_name("ADDRESS:PORT");
  command->require_subcommand(0, 1);
  CLI::App* init = command->add_subcommand("init", "make the directory of a witness, with a key");
  init->add_option("NAME", made->name, "of the witness, such as witness.example.org/w1")->required();
  command->callback([&chosen, init, options, made] {
    if (init->parsed()) {
      made->directory = options->directory;
      chosen = [made](Console& console) { return run_witness_init(*made, console); };
    } else {
      chosen = [options](Console& console) { return run_witness(*options, console); };
    }
  });
  add_command<WitnessesOptions>(app, chosen, "witnesses",
                                "which witness cosigned what of the log, and whether the quorum is met", &run_witnesses,
                                [](CLI::App& witnesses, WitnessesOptions& chosen_options) {
                                  add_directory(witnesses, chosen_options.directory);
                                });
}

void add_account_commands(CLI::App& app, Run& chosen) {
  using Change = AccountOptions::Change;
  auto options = std::make_shared<AccountOptions>();
  CLI::App* command = app.add_subcommand("account", "who may log in to the server, and with which roles");
  add_directory(*command, options->directory);
  add_keys(*command, options->keys, kOtherKeys);
  command->require_subcommand(1);
  const auto add = [&](const std::string& name, const std::string& what, Change change) {
    CLI::App* one = command->add_subcommand(name, what);
    if (change != Change::kList) one->add_option("NAME", options->name, "by which it logs in")->required();
    one->callback([&chosen, options, change] {
      options->change = change;
      chosen = [options](Console& console) { return run_account(*options, console); };
    });
    return one;
  };
  add("add", "make an account; its password comes from the terminal or from standard input", Change::kAdd)
      ->add_option("--employee", options->employee, "the person, as access events name employees")
      ->required();
  add("list", "all accounts, with their roles", Change::kList);
  add("disable", "nobody comes in by it any more", Change::kDisable);
  add("reset", "a new password and a new secret for codes, and enabled again", Change::kReset);
  for (const auto& [name, what, change] :
       {std::tuple{"give-role", "one role more; never to oneself", Change::kGiveRole},
        std::tuple{"take-role", "one role less", Change::kTakeRole}}) {
    add(name, what, change)->add_option("ROLE", options->role, "such as analyst: docs/people.md")->required();
  }
}

void add_register_commands(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<RegisterImportOptions>();
  CLI::App* command = app.add_subcommand("register", "facts of the organisation: people, cases, duties and more");
  add_directory(*command, options->directory);
  add_keys(*command, options->keys, kOtherKeys);
  command->require_subcommand(1);
  std::string formats;
  for (const facts::DeliveryFormat& format : facts::delivery_formats()) {
    formats += fmt::format("{}{}", formats.empty() ? "" : ", ", format.name);
  }
  CLI::App* import = command->add_subcommand("import", "take in facts; all of the file, or nothing");
  import
      ->add_option("WHAT", options->what,
                   "a table of which FILE is CSV, such as employee, case_employee, person; or a format: " + formats +
                       ". docs/register.md")
      ->required();
  import->add_option("FILE", options->file, "of CSV the first line names the columns; -: standard input")
      ->required()
      ->check(&why_no_file);
  import->add_option("--mapping", options->mapping, "mapping file (TOML) of a format")
      ->check(&why_no_file)
      ->type_name("FILE");
  import->add_option("--origin", options->origin, "the source whose facts these are; default: the name of the format")
      ->type_name("NAME");
  import->add_flag("--snapshot", options->is_snapshot,
                   "the file is all that its origin knows: what that said before and says no more ends");
  add_time(*import, "--as-of", options->as_of, "of what moment a snapshot is; default: now");
  import->callback(
      [&chosen, options] { chosen = [options](Console& console) { return run_register_import(*options, console); }; });
  auto restored_options = std::make_shared<RegisterRestoredOptions>();
  CLI::App* restored = command->add_subcommand(
      "restored", "record that an older copy of the register was put back: later imports are undone");
  add_purpose(*restored, restored_options->purpose);
  restored->callback([&chosen, options, restored_options] {
    restored_options->directory = options->directory;
    restored_options->keys = options->keys;
    chosen = [restored_options](Console& console) { return run_register_restored(*restored_options, console); };
  });
}

void add_policy_command(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<PolicyAdoptOptions>();
  CLI::App* command = app.add_subcommand("policy", "control policies: the rules by which accesses are judged");
  add_directory(*command, options->directory);
  add_keys(*command, options->keys, kOtherKeys);
  command->require_subcommand(1);
  CLI::App* adopt =
      command->add_subcommand("adopt", "adopt a policy; it is the next one, and does not change any more");
  adopt->add_option("--name", options->name, "what the organisation calls it")->required();
  adopt->add_option("--on", options->on, "the date of the decision; today when absent")->type_name("DATE");
  adopt->add_option("--rules", options->rules, "folder with a folder a rule; else the rules of this program")
      ->check(&why_no_directory)
      ->type_name("FOLDER");
  adopt->add_option("--signals", options->signals, "file that says how signals are ranked; else as this program does")
      ->check(&why_no_file)
      ->type_name("FILE");
  adopt->callback(
      [&chosen, options] { chosen = [options](Console& console) { return run_policy_adopt(*options, console); }; });
}

void add_judgement_commands(CLI::App& app, Run& chosen) {
  add_command<CheckOptions>(
      app, chosen, "check", "judge every access by the control policy", &run_check,
      [](CLI::App& check, CheckOptions& chosen_options) {
        add_directory(check, chosen_options.directory);
        add_time(check, "--from", chosen_options.from, "first moment, RFC 3339 or a date (UTC)");
        add_time(check, "--to", chosen_options.to, "up to, not including");
        add_number(check, "--policy", chosen_options.policy, 1, kPolicyNumber, "N");
        add_number(check, "--known-at", chosen_options.known_at, 0, kKnownAt, "IMPORT");
        add_number(check, "--size", chosen_options.size, 0,
                   "the trail as it was with so many entries; else all. With the same size, policy and facts a check "
                   "finds the same",
                   "ENTRIES");
        add_keys(check, chosen_options.keys, kOtherKeys);
        add_purpose(check, chosen_options.purpose);
      });
  add_command<ReportOptions>(
      app, chosen, "report", "the report of a month, without identities", &run_report,
      [](CLI::App& report, ReportOptions& chosen_options) {
        add_directory(report, chosen_options.directory);
        report.add_option("--month", chosen_options.month, "such as 2026-03")->required()->type_name("MONTH");
        report.add_option("-o,--output", chosen_options.output, "also write it here: .pdf, .json or .csv")
            ->check(&why_no_file)
            ->type_name("FILE");
        report
            .add_option("--language", chosen_options.language,
                        "of the document, else Dutch; nl also gives a .csv that a Dutch spreadsheet opens as columns")
            ->check(CLI::IsMember({"nl", "en"}));
        add_number(report, "--policy", chosen_options.policy, 1, kPolicyNumber, "N");
        add_number(report, "--known-at", chosen_options.known_at, 0, kKnownAt, "IMPORT");
        add_number(report, "--size", chosen_options.size, 0,
                   "the trail as it was with so many entries; else all. The same size, policy and facts give the same "
                   "report",
                   "ENTRIES");
        add_keys(report, chosen_options.keys, kOtherKeys);
        add_purpose(report, chosen_options.purpose);
      });
  add_command<MissingFactsOptions>(
      app, chosen, "missing-facts", "which facts would explain more of what the check leaves unexplained",
      &run_missing_facts, [](CLI::App& missing, MissingFactsOptions& chosen_options) {
        add_directory(missing, chosen_options.directory);
        add_time(missing, "--from", chosen_options.from, "first moment, RFC 3339 or a date (UTC)");
        add_time(missing, "--to", chosen_options.to, "up to, not including");
        missing
            .add_option("--by", chosen_options.by,
                        "unit, system and hour, or some of them, separated by commas; else a table for each")
            ->type_name("F[,F…]");
        missing.add_option("--top", chosen_options.top, "places of each table, with most unexplained accesses")
            ->check(CLI::Range(1, kLimitMax))
            ->capture_default_str();
        add_number(missing, "--policy", chosen_options.policy, 1, kPolicyNumber, "N");
        add_keys(missing, chosen_options.keys, kOtherKeys);
        add_purpose(missing, chosen_options.purpose);
      });
}

void add_signal_commands(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<SignalsOptions>();
  auto feedback = std::make_shared<SignalFeedbackOptions>();
  CLI::App* command = app.add_subcommand("signals", "what deserves a conversation, ranked");
  add_directory(*command, options->directory);
  add_time(*command, "--from", options->from, "first moment, RFC 3339 or a date (UTC)");
  add_time(*command, "--to", options->to, "up to, not including");
  command->add_option("--budget", options->budget, "signals for 10,000 employees in two weeks; else the policy's")
      ->check(CLI::Range(0.0, kBudgetMax))
      ->type_name("N");
  add_number(*command, "--policy", options->policy, 1, kPolicyNumber, "N");
  add_number(*command, "--known-at", options->known_at, 0, kKnownAt, "IMPORT");
  add_keys(*command, options->keys, kShowKeys);
  add_purpose(*command, options->purpose);
  command->require_subcommand(0, 1);
  CLI::App* answer = command->add_subcommand("feedback", "record what a conversation about a signal gave");
  answer->add_option("NUMBER", feedback->signal, "of the signal")->required();
  auto verdict = std::make_shared<std::string>();
  answer->add_option("VERDICT", *verdict, "justified or not-justified")
      ->required()
      ->check(CLI::IsMember({"justified", "not-justified"}));
  answer->add_option("--remark", feedback->remark, "why; kept in the trail, readable with its keys only")
      ->type_name("TEXT");
  command->callback([&chosen, command, options, feedback, verdict] {
    if (command->get_subcommands().empty()) {
      chosen = [options](Console& console) { return run_signals(*options, console); };
      return;
    }
    refuse_options_of_list(*command);
    feedback->directory = options->directory;
    feedback->keys = options->keys;
    feedback->justified = *verdict == "justified";
    chosen = [feedback](Console& console) { return run_signal_feedback(*feedback, console); };
  });
}

void add_decision_commands(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<DecisionsOptions>();
  auto review = std::make_shared<DecisionReviewOptions>();
  auto adopt = std::make_shared<DecisionAdoptOptions>();
  CLI::App* command = app.add_subcommand("decisions", "decisions that somebody is to look at, such as broken glass");
  add_directory(*command, options->directory);
  command->add_flag("--to-review", options->to_review, "only those that nobody reviewed yet");
  add_keys(*command, options->keys, kShowKeys);
  add_purpose(*command, options->purpose);
  command->require_subcommand(0, 1);
  CLI::App* reviewing = command->add_subcommand("review", "record what a review of a decision gave");
  reviewing->add_option("NUMBER", review->decision, "of the decision")->required();
  auto verdict = std::make_shared<std::string>();
  reviewing->add_option("VERDICT", *verdict, "justified or not-justified")
      ->required()
      ->check(CLI::IsMember({"justified", "not-justified"}));
  reviewing->add_option("--remark", review->remark, "why; kept in the trail, readable with its keys only")
      ->type_name("TEXT");
  CLI::App* adopting = command->add_subcommand("adopt", "adopt a decision policy; it is the next one");
  adopting->add_option("--name", adopt->name, "what the organisation calls it")->required();
  adopting->add_option("--on", adopt->on, "the date of the decision; today when absent")->type_name("DATE");
  adopting->add_option("--file", adopt->file, "decisions.toml; else the decision policy of this program")
      ->check(&why_no_file)
      ->type_name("FILE");
  command->callback([&chosen, command, reviewing, adopting, options, review, adopt, verdict] {
    if (reviewing->parsed() || adopting->parsed()) refuse_options_of_list(*command);
    if (reviewing->parsed()) {
      review->directory = options->directory;
      review->keys = options->keys;
      review->justified = *verdict == "justified";
      chosen = [review](Console& console) { return run_decision_review(*review, console); };
    } else if (adopting->parsed()) {
      adopt->directory = options->directory;
      adopt->keys = options->keys;
      chosen = [adopt](Console& console) { return run_decision_adopt(*adopt, console); };
    } else {
      chosen = [options](Console& console) { return run_decisions(*options, console); };
    }
  });
}

void add_sample_command(CLI::App& app, Run& chosen) {
  add_command<SampleCommandOptions>(
      app, chosen, "sample", "make a sample tax administration: facts, accesses and planted misuse", &run_sample,
      [](CLI::App& command, SampleCommandOptions& options) {
        add_directory(command, options.directory);
        command.add_option("--employees", options.employees, "how many work there")
            ->capture_default_str()
            ->type_name("N");
        command.add_option("--events", options.events, "about so many accesses; else what the work amounts to")
            ->type_name("N");
        command.add_option("--days", options.days, "how many days it covers")->capture_default_str()->type_name("N");
        command.add_option("--seed", options.seed, "the same seed gives the same sample")
            ->capture_default_str()
            ->type_name("S");
        command.add_option("--from", options.from, "the first day")->capture_default_str()->type_name("DATE");
        command.add_option("--events-file", options.events_file, "also write the accesses here, as JSON Lines")
            ->check(&why_no_file)
            ->type_name("FILE");
        add_keys(command, options.keys, "where to make the keys, or where they are; default: DIR.keys, beside DIR");
      });
}

// CLI11 shows the usage of "account add" without the directory that stands between the two.
class Usage final : public CLI::Formatter {
 public:
  [[nodiscard]] std::string make_usage(const CLI::App* app, std::string name) const override {
    const CLI::App* const parent = app->get_parent();
    const std::string own = " " + app->get_name();
    if (parent != nullptr && name.ends_with(own)) {
      name.resize(name.size() - own.size());
      for (const CLI::Option* const one :
           parent->get_options([](const CLI::Option* of) { return of->get_positional(); })) {
        name += " " + make_option_usage(one);
      }
      name += own;
    }
    return CLI::Formatter::make_usage(app, name);
  }
};

// What is wrong, and for a command with commands of its own how it is written: what was forgotten is often DIR, and the
// word behind it is then taken for DIR.
std::string tell_failure(const CLI::App* app, const CLI::Error& error) {
  std::string text = CLI::FailureMessage::simple(app, error);
  const auto chosen = app->get_subcommands();
  if (chosen.empty() || chosen.front()->get_require_subcommand_min() == 0) return text;
  std::string words;
  for (const CLI::App* const one : chosen.front()->get_subcommands([](const CLI::App*) { return true; })) {
    words += (words.empty() ? "" : "|") + one->get_name();
  }
  if (words.empty()) return text;
  const std::string& name = chosen.front()->get_name();
  return text + fmt::format(
                    "It is written `weerbaar {0} DIR {1}`, with the directory first; `weerbaar {0} DIR {2} --help` "
                    "tells the rest\n",
                    name, words, words.find('|') == std::string::npos ? words : "…");
}

// What the user wrote where a command is expected; null when nothing.
const char* first_word(int argc, char** argv) {
  char** const end = argv + argc;
  char** const found = std::find_if(std::min(argv + 1, end), end, [](const char* word) { return *word != '-'; });
  return found == end ? nullptr : *found;
}

int run(int argc, char** argv) {
  CLI::App app("Weerbaar: who consulted whose data, with proof.", "weerbaar");
  app.set_version_flag("--version", WEERBAAR_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.formatter(std::make_shared<Usage>());
  app.failure_message(&tell_failure);
  bool json = false;
  app.add_flag("--json", json, "JSON, or JSON Lines, in place of text for people");
  Run chosen;
  add_keeping_commands(app, chosen);
  add_server_commands(app, chosen);
  add_witness_commands(app, chosen);
  add_account_commands(app, chosen);
  add_register_commands(app, chosen);
  add_policy_command(app, chosen);
  add_judgement_commands(app, chosen);
  add_signal_commands(app, chosen);
  add_decision_commands(app, chosen);
  add_sample_command(app, chosen);
  add_query_commands(app, chosen);
  add_trace_command(app, chosen);
  add_proof_commands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0 && app.get_subcommands().empty()) {
      const char* word = first_word(argc, argv);
      Console(json).note(fmt::format("weerbaar: {}; `weerbaar --help` lists the commands",
                                     word == nullptr ? "a command is missing" : fmt::format("{} is no command", word)));
      return kExitWrongUse;
    }
    // Help and version come as an "error" with status 0.
    return app.exit(error) == 0 ? kExitYes : kExitWrongUse;
  }
  Console console(json);
  Result<int> result = chosen(console);
  if (const Status written = console.flush(); result && !written) result = std::unexpected(written.error());
  if (result) return *result;
  console.note("weerbaar: " + result.error().text);
  return exit_of(result.error());
}

}  // namespace
}  // namespace weerbaar::server

int main(int argc, char** argv) {
  weerbaar::os::survive_file_size_limit();
  return weerbaar::server::run(argc, argv);
}
