#include "service/log_api.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "os/testing.h"
#include "service/evidence.h"
#include "trail/format/cosignature.h"
#include "trail/format/merkle.h"
#include "trail/format/note.h"
#include "trail/format/tile.h"
#include "trail/store/trail_fixture.h"
#include "witness/testing.h"

namespace weerbaar::service {
namespace {

const std::string kToken = "wbt_mirror";

class LogApiTest : public trail::testing::TrailFixture {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    auto trail = open();
    fill(*trail, 0, 600);
    ASSERT_TRUE(trail->sign());
    fill(*trail, 600, 100);  // not signed
    WriterOptions slow;
    slow.sign_every = std::chrono::hours(1);
    writer_.emplace(std::move(trail), [this] { return trail::Trail::open(options(), trail::Access::kAppend); }, slow);
    log_.emplace(*writer_);
    api_.emplace(*log_, record_in(*writer_), json_log_);
    api_->use_mirrors(std::make_shared<const Mirrors>(
        std::vector<Mirror>{{"archive", token_hash(kToken), ""}, {"auditor", "", "CN=auditor"}}));
    api_->add_routes(router_);
  }
  ~LogApiTest() override { std::fclose(json_file_); }

  http::Response ask(const std::string& path, const std::string& token = "", const std::string& subject = "") {
    http::Request request;
    request.method = "GET";
    request.target = path;
    request.certificate_subject = subject;
    if (!token.empty()) request.fields.push_back({"authorization", "Bearer " + token});
    if (auto admitted = router_.admit(request); !admitted) return admitted.error();
    return router_.handle(request);
  }
  // What was not signed yet. The writing thread tells so a moment later.
  void sign() {
    ASSERT_TRUE(writer_->between_groups([](trail::Trail& trail) -> Status {
      WEERBAAR_TRY(trail.sign());
      return {};
    }));
    for (int i = 0; i < 5'000 && writer_->totals().signed_size < 700; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  static std::string field(const http::Response& response, std::string_view name) {
    const auto found = std::ranges::find(response.fields, name, &http::Field::name);
    return found == response.fields.end() ? "" : found->value;
  }

  std::FILE* json_file_ = std::tmpfile();
  JsonLog json_log_{json_file_};
  std::optional<EventWriter> writer_;
  std::optional<PublishedLog> log_;
  std::optional<LogApi> api_;
  http::Router router_;
};

TEST_F(LogApiTest, the_checkpoint_and_the_tiles_that_it_needs_are_for_everybody) {
  const http::Response note = ask("/log/checkpoint");
  EXPECT_EQ(note.status, 200);
  EXPECT_EQ(note.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(field(note, "Cache-Control"), "public, max-age=5");
  const auto checkpoint = trail::open_checkpoint(note.body, keys_->verifier_key(), kOrigin).value();
  EXPECT_EQ(checkpoint.size.value(), 600U);
  std::vector<trail::Hash> leaves;
  for (const trail::Tile& tile : trail::list_tiles(checkpoint.size)) {
    const http::Response response = ask("/log/" + trail::tile_path(tile.level, tile.number, tile.width));
    ASSERT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/octet-stream");
    EXPECT_EQ(field(response, "Cache-Control"), "public, max-age=31536000, immutable");
    ASSERT_EQ(response.body.size(), tile.width * 32U);
    if (tile.level > 0) continue;
    for (size_t at = 0; at < response.body.size(); at += 32) {
      std::copy_n(as_bytes(response.body).begin() + static_cast<ptrdiff_t>(at), 32, leaves.emplace_back().begin());
    }
  }
  EXPECT_EQ(trail::tree_root(leaves), checkpoint.root);
}

TEST_F(LogApiTest, what_no_checkpoint_covers_and_what_is_no_tile_is_not_there) {
  for (const char* path :
       {"/log/tile/0/002", "/log/tile/0/002.p/89", "/log/tile/0/003", "/log/tile/0/002.p/0", "/log/tile/0/002.p/256",
        "/log/tile/2/000.p/1", "/log/tile/0/", "/log/tile/0/000/", "/log/tile/0/..%2f..%2fcheckpoint", "/log/",
        "/log/lock", "/log/tile/%65ntries/000", "/log/tile/entries%2f000", "/log/tile/8/000.p/1"}) {
    EXPECT_EQ(ask(path).status, 404) << path;
    EXPECT_EQ(field(ask(path), "Cache-Control"), "") << "that it is absent now is kept by nobody";
  }
  EXPECT_EQ(ask("/log/tile/0/002.p/88").status, 200);
  EXPECT_EQ(ask("/log/tile/0/002.p/7").status, 200);
}

TEST_F(LogApiTest, entries_are_for_mirrors_only) {
  const std::string path = "/log/tile/entries/000";
  EXPECT_EQ(ask(path).status, 401);
  EXPECT_EQ(ask(path, "wbt_other").status, 401);
  EXPECT_EQ(ask(path, "", "CN=somebody").status, 401);
  EXPECT_EQ(field(ask(path), "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(ask("/log/tile/entries/999").status, 401) << "nobody else learns what there is";
  for (const http::Response& response : {ask(path, kToken), ask(path, "", "CN=auditor")}) {
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(field(response, "Cache-Control"), "private, max-age=31536000, immutable");
    EXPECT_EQ(response.content_type, "application/octet-stream");
    const auto entries = trail::decode_bundle(as_bytes(response.body), 256);
    ASSERT_TRUE(entries.has_value());
    std::string hashes;
    for (const ByteView entry : *entries) hashes += as_text(trail::leaf_hash(entry));
    EXPECT_EQ(hashes, ask("/log/tile/0/000").body);
  }
  EXPECT_EQ(ask("/log/tile/entries/002.p/89", kToken).status, 404);
  api_->use_mirrors(std::make_shared<const Mirrors>(std::vector<Mirror>()));
  EXPECT_EQ(ask(path, kToken).status, 401);
}

TEST_F(LogApiTest, that_a_mirror_reads_is_evidence_before_it_gets_anything_and_once_an_hour) {
  const uint64_t before = writer_->totals().accepted;
  for (int i = 0; i < 5; ++i) ask("/log/tile/entries/000", kToken);
  EXPECT_EQ(writer_->totals().accepted, before + 1);
  ask("/log/tile/entries/000", "", "CN=auditor");
  EXPECT_EQ(writer_->totals().accepted, before + 2);
  for (int i = 0; i < 5; ++i) ask("/log/tile/0/000");
  EXPECT_EQ(writer_->totals().accepted, before + 2) << "hashes tell of nobody";
  ASSERT_TRUE(writer_->finish());
  LogApi stopped(*log_, record_in(*writer_), json_log_);
  stopped.use_mirrors(std::make_shared<const Mirrors>(std::vector<Mirror>{{"archive", token_hash(kToken), ""}}));
  http::Router router;
  stopped.add_routes(router);
  http::Request request;
  request.method = "GET";
  request.target = "/log/tile/entries/000";
  request.fields.push_back({"authorization", "Bearer " + kToken});
  EXPECT_EQ(router.handle(request).status, 503) << "what cannot be recorded is not shown";
}

TEST_F(LogApiTest, many_readers_at_once_get_every_tile_or_are_told_to_come_back) {
  const std::string expected = ask("/log/tile/0/000").body;
  std::atomic<int> given = 0;
  std::atomic<int> later = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 24; ++i) {
    readers.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        const http::Response response = ask("/log/tile/0/000");
        if (response.status == 200 && response.body == expected) ++given;
        if (response.status == 503 && field(response, "Retry-After") == "1") ++later;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(given + later, 24 * 20);
  EXPECT_GT(given, 0);
  EXPECT_EQ(ask("/log/tile/0/000").status, 200) << "every place was given back";
}

TEST_F(LogApiTest, follows_what_is_signed) {
  EXPECT_EQ(ask("/log/tile/0/002.p/188").status, 404);
  sign();
  EXPECT_EQ(ask("/log/tile/0/002.p/188").status, 200);
  EXPECT_EQ(ask("/log/tile/0/002.p/88").status, 200) << "a partial tile that was published stays";
}

TEST_F(LogApiTest, shows_no_hash_before_the_quorum_cosigned_what_it_belongs_to) {
  const trail::SigningKey witness = witness::key_of("w.example", 20, trail::SignatureType::kCosignature);
  CosignedOptions with_quorum;
  with_quorum.files = &files_;
  with_quorum.directory = "data/cosigned";
  with_quorum.log = keys_->verifier_key();
  with_quorum.witnesses = {{"w", witness.verifier(), ""}};
  with_quorum.quorum = 1;
  const auto cosigned = Cosigned::open(with_quorum).value();
  api_->use_cosigned(*cosigned);
  EXPECT_EQ(ask("/log/checkpoint").status, 503);
  EXPECT_EQ(ask("/log/tile/0/000").status, 404);
  const std::string note = log_->newest().value()->note();
  const std::string line = trail::cosign(trail::note_text(note).value(), 1'700'000'000, witness).value();
  ASSERT_TRUE(cosigned->add("w", note, trail::open_cosignatures(note, line, witness.verifier()).value()));
  EXPECT_EQ(ask("/log/checkpoint").status, 200);
  EXPECT_EQ(ask("/log/tile/0/000").status, 200);
  EXPECT_EQ(ask("/log/tile/0/002.p/88").status, 200);
  sign();
  EXPECT_EQ(ask("/log/tile/0/002.p/89").status, 404) << "signed, and not cosigned";
  EXPECT_EQ(ask("/log/tile/entries/002.p/89", kToken).status, 404);
  EXPECT_EQ(ask("/log/tile/entries/002.p/88", kToken).status, 200);
}

}  // namespace
}  // namespace weerbaar::service
