set(DELIMITED_SOURCES
    sources/delimited/code_page.cpp
    sources/delimited/delimited.cpp
    sources/delimited/event_maker.cpp
    sources/delimited/field.cpp
    sources/delimited/mapping.cpp
    sources/delimited/posix_rule.cpp
    sources/delimited/record_ids.cpp
    sources/delimited/time_format.cpp
    sources/delimited/time_zone.cpp)
set(DELIMITED_TESTS
    sources/delimited/code_page_test.cpp
    sources/delimited/delimited_test.cpp
    sources/delimited/mapping_test.cpp
    sources/delimited/posix_rule_test.cpp
    sources/delimited/record_ids_test.cpp
    sources/delimited/time_format_test.cpp
    sources/delimited/time_zone_test.cpp)
set(DELIMITED_FUZZERS sources/delimited/delimited_mapping_fuzz.cpp sources/delimited/delimited_records_fuzz.cpp
                      sources/delimited/time_zone_fuzz.cpp)
set(DELIMITED_BENCHMARKS sources/delimited/delimited_bench.cpp)
