# Reads ctest's JUnit file and ends with the line "N passed, N failed, N skipped".
#
# A GoogleTest program counts by its cases, every other test as one. A program that fails without a failed case (it
# crashed, or a sanitizer or the clock ended it) counts as one failure, so that a red run never shows zero. Skipped
# tests are named with their reason.

function attribute(line, name) {
  if (!match(line, " " name "=\"[^\"]*\"")) return ""
  return substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
}

function skip(name, reason) {
  skipped++
  names[skipped] = "skipped: " name (reason == "" ? "" : ": " reason)
}

function finish_test() {
  if (status == "") return
  if (status == "notrun" && reason !~ /^SKIP_/) {
    failed++
    print "did not run: " test ": " reason
  } else if (status == "notrun" || status == "disabled") {
    skip(test, reason)
  } else {
    if (status == "fail" && cases_failed == 0) cases_failed = 1
    if (status != "fail" && cases == 0) cases_passed = 1
    passed += cases_passed
    failed += cases_failed
  }
  status = ""
}

/<testcase / {
  finish_test()
  test = attribute($0, "name")
  status = attribute($0, "status")
  reason = ""
  cases = cases_passed = cases_failed = 0
}
/<skipped / { reason = attribute($0, "message") }

# Lines of GoogleTest. One ends with a time only while the case runs, and not in the list at the end.
/: Skipped$/ { why = ""; listening = 1; next }
/^\[       OK \] .* ms\)$/ { cases++; cases_passed++ }
/^\[  FAILED  \] .* ms\)$/ { cases++; cases_failed++ }
/^\[  SKIPPED \] .* ms\)$/ {
  cases++
  case_name = $4
  sub(/,$/, "", case_name)  # of a parameterised case
  skip(test " " case_name, why)
  why = ""
}
/^\[/ { listening = 0 }
listening && $0 != "" { why = why (why == "" ? "" : " ") $0 }

END {
  finish_test()
  for (i = 1; i <= skipped; i++) print names[i]
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
}
