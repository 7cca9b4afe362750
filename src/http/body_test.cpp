#include "http/body.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "http/limits.h"

namespace weerbaar::http {
namespace {

std::string gzip(std::string_view text, int window_bits = 15 + 16) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Request compressed(std::string body, std::string encoding = "gzip") {
  Request request;
  request.fields = {{"content-type", "a/b"}, {"content-encoding", std::move(encoding)}, {"content-length", "1"}};
  request.body = std::move(body);
  return request;
}

class Body : public testing::Test {
 protected:
  int status_of(Request& request) {
    MemoryBudget::Share share(budget_);
    const auto refusal = decode_body(request, limits_.body_bytes_max, share);
    return refusal ? refusal->status : 0;
  }
  int status_of(Request&& request) { return status_of(request); }

  Limits limits_;
  MemoryBudget budget_{limits_.bodies_bytes_max};
};

TEST_F(Body, comes_out_as_it_was_compressed) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7'919);
  for (const std::string& original : {text, std::string(), std::string("a"), std::string(300'000, 'z')}) {
    Request request = compressed(gzip(original));
    EXPECT_EQ(status_of(request), 0);
    EXPECT_EQ(request.body, original);
    EXPECT_EQ(request.field("content-encoding"), "");
    EXPECT_EQ(request.field("content-type"), "a/b");
  }
}

TEST_F(Body, that_is_not_compressed_stays_what_it_is) {
  Request request;
  request.body = "plain";
  EXPECT_EQ(status_of(request), 0);
  EXPECT_EQ(request.body, "plain");
}

TEST_F(Body, of_a_kilobyte_that_would_become_gigabytes_is_refused_within_the_limit) {
  limits_.body_bytes_max = 1'000'000;
  EXPECT_EQ(status_of(compressed(gzip(std::string(1'000'000, 'x')))), 0);
  EXPECT_EQ(status_of(compressed(gzip(std::string(1'000'001, 'x')))), 413);
  EXPECT_EQ(status_of(compressed(gzip(std::string(50'000'000, 'x')))), 413);
  EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(Body, is_refused_for_now_when_all_bodies_together_are_too_much) {
  MemoryBudget::Share other(budget_);
  ASSERT_TRUE(other.take(limits_.bodies_bytes_max - 100'000));
  EXPECT_EQ(status_of(compressed(gzip(std::string(1'000'000, 'x')))), 503);
}

TEST_F(Body, that_is_damaged_cut_or_followed_by_more_is_refused) {
  const std::string whole = gzip("some text that is compressed");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(status_of(compressed(whole.substr(0, size))), 400) << size;
  }
  EXPECT_EQ(status_of(compressed(whole + "x")), 400);
  EXPECT_EQ(status_of(compressed(whole + whole)), 400);
  std::string wrong_sum = whole;
  wrong_sum[whole.size() - 5] ^= 1;
  EXPECT_EQ(status_of(compressed(wrong_sum)), 400);
  EXPECT_EQ(status_of(compressed(gzip("zlib format", 15))), 400);
  EXPECT_EQ(status_of(compressed("not compressed")), 400);
}

TEST_F(Body, in_another_encoding_is_refused_with_the_one_that_is_taken) {
  EXPECT_EQ(status_of(compressed("x", "br")), 415);
  EXPECT_EQ(status_of(compressed("x", "gzip, gzip")), 415);
  Request twice = compressed("x");
  twice.fields.push_back({"content-encoding", "gzip"});
  EXPECT_EQ(status_of(twice), 415);
  EXPECT_EQ(status_of(compressed("x", "identity")), 0);
  EXPECT_EQ(status_of(compressed(gzip("x"), "GZIP")), 0);
}

}  // namespace
}  // namespace weerbaar::http
