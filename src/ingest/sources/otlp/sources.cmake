set(OTLP_SOURCES
    sources/otlp/claim.cpp
    sources/otlp/decode.cpp
    sources/otlp/interpret.cpp
    sources/otlp/item_list.cpp
    sources/otlp/json_splitter.cpp
    sources/otlp/json_value.cpp
    sources/otlp/kept_record.cpp
    sources/otlp/mapping.cpp
    sources/otlp/otlp.cpp
    sources/otlp/pending_traces.cpp
    sources/otlp/protobuf.cpp
    sources/otlp/record.cpp
    sources/otlp/request_pieces.cpp
    sources/otlp/trace_events.cpp
    sources/otlp/trace_join.cpp)
set(OTLP_TESTS sources/otlp/decode_test.cpp sources/otlp/json_splitter_test.cpp sources/otlp/json_value_test.cpp
               sources/otlp/kept_record_test.cpp sources/otlp/pending_traces_test.cpp
               sources/otlp/mapping_test.cpp sources/otlp/otlp_test.cpp sources/otlp/protobuf_test.cpp
               sources/otlp/request_pieces_test.cpp sources/otlp/trace_join_test.cpp)
set(OTLP_FUZZERS sources/otlp/otlp_mapping_fuzz.cpp sources/otlp/otlp_fuzz.cpp
                 sources/otlp/otlp_protobuf_fuzz.cpp)
set(OTLP_BENCHMARKS sources/otlp/otlp_bench.cpp)
