#include "http/body.h"

#include <zlib.h>

#include <algorithm>
#include <string>

namespace weerbaar::http {
namespace {

// A window of the largest size, in the gzip format only.
constexpr int kGzipWindowBits = 15 + 16;
constexpr size_t kOutputBytesFirst = 64 * 1024;
// A text grows about so many times.
constexpr size_t kUsualGrowth = 4;

class Inflater {
 public:
  Inflater() : ready_(inflateInit2(&stream_, kGzipWindowBits) == Z_OK) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  [[nodiscard]] bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_;
};

std::optional<Response> inflate_gzip(std::string_view from, size_t bytes_max, MemoryBudget::Share& memory,
                                     std::string& to) {
  Inflater inflater;
  if (!inflater.ready()) return problem_retry(503, "there is no memory to decompress the body: send it again", 1);
  z_stream& stream = inflater.stream();
  // zlib does not write there; its interface is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
  stream.avail_in = static_cast<uInt>(from.size());
  size_t done = 0;
  for (;;) {
    if (done == to.size()) {
      // One byte more than is allowed shows that there are more; it counts for nothing, so that two of the largest
      // bodies have room for one, as it came and decompressed.
      const size_t most = bytes_max + 1;
      if (to.size() == most) return problem(413, "the decompressed body is too large");
      const size_t wanted = to.empty() ? std::max(kOutputBytesFirst, from.size() * kUsualGrowth) : to.size() * 2;
      const size_t bytes = std::min(wanted, most);
      if (!memory.take(std::min(bytes, bytes_max) - to.size())) {
        return problem_retry(503, "too many requests are being read: send this one again", 1);
      }
      to.resize(bytes);
    }
    stream.next_out = reinterpret_cast<Bytef*>(to.data() + done);
    stream.avail_out = static_cast<uInt>(to.size() - done);
    const int result = inflate(&stream, Z_NO_FLUSH);
    done = to.size() - stream.avail_out;
    if (result == Z_STREAM_END) break;
    const bool full = stream.avail_out == 0;
    if (result == Z_OK && (full || stream.avail_in > 0)) continue;
    if (result == Z_BUF_ERROR && full) continue;
    return problem(400, "the body is not whole gzip data");
  }
  if (stream.avail_in > 0) return problem(400, "there is something behind the gzip data of the body");
  if (done > bytes_max) return problem(413, "the decompressed body is too large");
  to.resize(done);
  return std::nullopt;
}

}  // namespace

std::optional<Response> decode_body(Request& request, size_t bytes_max, MemoryBudget::Share& memory) {
  std::string encoding;
  for (const Field& field : request.fields) {
    if (field.name != "content-encoding") continue;
    encoding += encoding.empty() ? field.value : "," + field.value;
  }
  std::ranges::transform(encoding, encoding.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (encoding.empty() || encoding == "identity") return std::nullopt;
  if (encoding != "gzip" && encoding != "x-gzip") {
    Response refusal = problem(415, "the only Content-Encoding here is gzip");
    refusal.fields.push_back({"Accept-Encoding", "gzip"});
    return refusal;
  }
  std::string body;
  if (auto refusal = inflate_gzip(request.body, bytes_max, memory, body)) return refusal;
  request.body = std::move(body);
  std::erase_if(request.fields,
                [](const Field& field) { return field.name == "content-encoding" || field.name == "content-length"; });
  return std::nullopt;
}

}  // namespace weerbaar::http
