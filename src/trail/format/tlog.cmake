# The standard log formats of this module (hashes, tree, notes, checkpoints, proofs, tiles); included by CMakeLists.txt.
set(TLOG_SOURCES
    add_checkpoint.cpp
    checkpoint.cpp
    cosignature.cpp
    merkle.cpp
    note.cpp
    sha256.cpp
    signature.cpp
    tile.cpp
    tlog_policy.cpp
    tlog_proof.cpp
    tlog_text.cpp)
set(TLOG_TESTS
    add_checkpoint_test.cpp
    checkpoint_test.cpp
    cosignature_test.cpp
    merkle_test.cpp
    note_test.cpp
    sha256_test.cpp
    signature_test.cpp
    tile_test.cpp
    tlog_policy_test.cpp
    tlog_proof_test.cpp
    tlog_text_test.cpp)
set(TLOG_FUZZERS
    add_checkpoint_fuzz.cpp
    checkpoint_fuzz.cpp
    note_fuzz.cpp
    signature_fuzz.cpp
    tile_fuzz.cpp
    tile_path_fuzz.cpp
    tlog_policy_fuzz.cpp
    tlog_proof_fuzz.cpp
    witness_answer_fuzz.cpp)
set(TLOG_BENCHMARKS sha256_bench.cpp)

# Only these files may hold instructions that not every processor has; sha256.cpp asks the processor before it calls
# them.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND TLOG_SOURCES sha256_avx2.cpp sha256_avx512.cpp sha256_shani.cpp)
  set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/sha256_avx2.cpp PROPERTIES COMPILE_OPTIONS -mavx2)
  # g++ 12 takes the undefined operands of its own intrinsics for mistakes of ours.
  set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/sha256_avx512.cpp
                              PROPERTIES COMPILE_OPTIONS "-mavx512f;-mavx512bw;-Wno-uninitialized")
  set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/sha256_shani.cpp PROPERTIES COMPILE_OPTIONS "-msha;-msse4.1")
endif()
