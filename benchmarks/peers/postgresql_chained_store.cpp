// Each row carries the SHA-256 of the hash before it and of its own fields. The client computes it: one connection
// appends, so that this is the cheapest way there is; in the database it takes longer.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "base/bytes.h"
#include "peers/postgresql_store.h"

namespace weerbaar::benchmarks {
namespace {

using Hash = std::array<uint8_t, 32>;

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Chain {
 public:
  Chain() : digest_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {}

  Status add(std::string_view row) {
    const bool done = EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr) == 1 &&
                      EVP_DigestUpdate(context_.get(), hash_.data(), hash_.size()) == 1 &&
                      EVP_DigestUpdate(context_.get(), row.data(), row.size()) == 1 &&
                      EVP_DigestFinal_ex(context_.get(), hash_.data(), nullptr) == 1;
    return done ? Status() : fail(Code::kIo, "SHA-256 failed");
  }
  // Of the last row added; zeros before the first.
  [[nodiscard]] std::string_view hash() const { return as_text(hash_); }

 private:
  std::unique_ptr<EVP_MD, FreeDigest> digest_;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
  Hash hash_{};
};

// What COPY gives: rows cut from messages as the server sends them, one a message.
struct FreeCopied {
  void operator()(char* bytes) const { PQfreemem(bytes); }
};

class ChainedPostgresqlStore : public PostgresqlStore {
 public:
  using PostgresqlStore::PostgresqlStore;

  [[nodiscard]] std::string describe() const override {
    return "as PostgreSQL; each row with the SHA-256 of itself and the hash before it, computed by the client; "
           "verified by recomputing all of it in the client, one core";
  }
  [[nodiscard]] bool can_verify() const override { return true; }
  Result<uint64_t> verify() override;

 protected:
  [[nodiscard]] std::string more_columns() const override { return ", hash bytea NOT NULL"; }
  Status append_row(const AccessEvent& event, std::string& to) override {
    append_int16(to, kEventColumns + 1);
    const size_t fields = to.size();
    append_event_fields(event, to);
    WEERBAAR_TRY(chain_.add(std::string_view(to).substr(fields)));
    append_bytes_field(to, chain_.hash());
    return {};
  }

 private:
  Chain chain_;
};

// The rows come in the order in which they were appended: nothing was changed, removed or vacuumed meanwhile, and the
// scan begins at the start (synchronize_seqscans is off). A chain in another order would not verify.
Result<uint64_t> ChainedPostgresqlStore::verify() {
  constexpr size_t kHeaderBytes = 19;
  constexpr size_t kHashFieldBytes = sizeof(int32_t) + sizeof(Hash);
  const PgResult started(PQexec(connection(), "COPY event TO STDOUT (FORMAT binary)"));
  if (PQresultStatus(started.get()) != PGRES_COPY_OUT) return failure("COPY");
  Chain chain;
  uint64_t rows = 0;
  bool header = true;
  for (;;) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(connection(), &bytes, 0);
    if (size == -1) break;
    if (size < 0) return failure("COPY");
    const std::unique_ptr<char, FreeCopied> freed(bytes);
    std::string_view row(bytes, static_cast<size_t>(size));
    if (header) row.remove_prefix(kHeaderBytes);
    header = false;
    if (row.size() <= sizeof(int16_t) + kHashFieldBytes) continue;  // the header alone, or the end
    row.remove_prefix(sizeof(int16_t));
    WEERBAAR_TRY(chain.add(row.substr(0, row.size() - kHashFieldBytes)));
    if (row.substr(row.size() - sizeof(Hash)) != chain.hash()) {
      return fail(Code::kCorrupt, fmt::format("the chain breaks at row {}", rows));
    }
    ++rows;
  }
  const PgResult ended(PQgetResult(connection()));
  if (PQresultStatus(ended.get()) != PGRES_COMMAND_OK) return failure("COPY");
  while (PgResult rest{PQgetResult(connection())}) {
  }
  return rows;
}

}  // namespace

std::unique_ptr<Store> make_chained_postgresql(StoreOptions options) {
  return std::make_unique<ChainedPostgresqlStore>(std::move(options));
}

}  // namespace weerbaar::benchmarks
