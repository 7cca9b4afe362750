set(SYSLOG_SOURCES
    sources/syslog/cef.cpp
    sources/syslog/column.cpp
    sources/syslog/content.cpp
    sources/syslog/frame_splitter.cpp
    sources/syslog/mapping.cpp
    sources/syslog/message.cpp
    sources/syslog/pairs.cpp
    sources/syslog/syslog.cpp)
set(SYSLOG_TESTS
    sources/syslog/cef_test.cpp
    sources/syslog/frame_splitter_test.cpp
    sources/syslog/message_test.cpp
    sources/syslog/pairs_test.cpp
    sources/syslog/syslog_test.cpp)
set(SYSLOG_FUZZERS sources/syslog/syslog_mapping_fuzz.cpp sources/syslog/syslog_fuzz.cpp)
set(SYSLOG_BENCHMARKS sources/syslog/syslog_bench.cpp)
