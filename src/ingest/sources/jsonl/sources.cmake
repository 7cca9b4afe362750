set(JSONL_SOURCES sources/jsonl/event_reader.cpp sources/jsonl/json_fault.cpp sources/jsonl/jsonl.cpp sources/jsonl/plain_reader.cpp)
set(JSONL_TESTS sources/jsonl/json_fault_test.cpp sources/jsonl/jsonl_test.cpp sources/jsonl/plain_reader_test.cpp)
set(JSONL_FUZZERS sources/jsonl/jsonl_fuzz.cpp)
set(JSONL_BENCHMARKS sources/jsonl/jsonl_bench.cpp)
