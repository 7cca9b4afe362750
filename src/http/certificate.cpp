#include "http/certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/freed.h"

namespace weerbaar::http {
namespace {

constexpr size_t kHostNameBytesMax = 253;
constexpr size_t kCommonNameBytesMax = 64;
constexpr long kSecondsBefore = 3'600;
constexpr long kDaysValid = 3'650;

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

std::unexpected<Error> no_certificate() {
  ERR_clear_error();
  return fail(Code::kIo, "OpenSSL could not make a certificate: give one in the settings");
}

bool is_address(const std::string& name) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

bool is_host_name(const std::string& name) {
  return !name.empty() && name.size() <= kHostNameBytesMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// A number that nobody can foresee and that fits the 20 bytes of RFC 5280.
bool set_serial_number(X509* certificate) {
  uint64_t number = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number | 1) == 1;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

bool describe(X509* certificate, std::span<const std::string> names, EVP_PKEY* key) {
  std::string alternatives;
  for (const std::string& name : names) {
    alternatives += fmt::format("{}{}:{}", alternatives.empty() ? "" : ",", is_address(name) ? "IP" : "DNS", name);
  }
  const std::string common = names.front().substr(0, kCommonNameBytesMax);
  X509_NAME* const subject = X509_get_subject_name(certificate);
  return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial_number(certificate) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -kSecondsBefore) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), kDaysValid, 0, nullptr) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.data()),
                                    static_cast<int>(common.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         add_extension(certificate, NID_subject_alt_name, alternatives) &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth") && X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Result<Certificate> make_self_signed(std::span<const std::string> names) {
  if (names.empty()) return fail(Code::kInvalid, "a certificate needs the name of a host");
  for (const std::string& name : names) {
    if (is_address(name) || is_host_name(name)) continue;
    return fail(Code::kInvalid, "a certificate is for names of hosts and addresses: letters, digits, points, hyphens");
  }
  const Key key(EVP_EC_gen("P-256"));
  const X509Pointer certificate(X509_new());
  const Bio certificate_text(BIO_new(BIO_s_mem()));
  const Bio key_text(BIO_new(BIO_s_secmem()));
  if (key == nullptr || certificate == nullptr || certificate_text == nullptr || key_text == nullptr ||
      !describe(certificate.get(), names, key.get()) ||
      PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return no_certificate();
  }
  return Certificate{text_of(certificate_text.get()), text_of(key_text.get())};
}

Status check_key(const Certificate& certificate) {
  const auto size_of = [](const std::string& text) { return static_cast<int>(text.size()); };
  const Bio certificate_text(BIO_new_mem_buf(certificate.certificate.data(), size_of(certificate.certificate)));
  const Bio key_text(BIO_new_mem_buf(certificate.key.data(), size_of(certificate.key)));
  const X509Pointer first(certificate_text ? PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr)
                                           : nullptr);
  // Without this OpenSSL would ask a terminal for the password.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  const Key key(key_text ? PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_password, nullptr) : nullptr);
  const bool fits = first != nullptr && key != nullptr && X509_check_private_key(first.get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) return fail(Code::kInvalid, "this is no key in PEM without a password");
  if (!fits) return fail(Code::kInvalid, "this key is not that of the certificate");
  return {};
}

Status check_certificates(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  ERR_clear_error();
  size_t whole = 0;
  while (bio != nullptr && X509Pointer(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) != nullptr) ++whole;
  // Behind the last there is none that begins.
  const auto error = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (at_end && whole > 0) return {};
  if (at_end) return fail(Code::kInvalid, "it holds no certificate in PEM");
  return fail(Code::kInvalid, fmt::format("certificate {} in it is broken", whole + 1));
}

Status check_validity(const std::string& pem, int64_t unix_seconds) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Pointer certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (certificate == nullptr) return fail(Code::kInvalid, "this is no certificate in PEM");
  if (ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate.get()), unix_seconds) < 0) {
    return fail(Code::kInvalid, "the certificate of the server has expired: clients refuse it");
  }
  if (ASN1_TIME_cmp_time_t(X509_get0_notBefore(certificate.get()), unix_seconds) > 0) {
    return fail(Code::kInvalid, "the certificate of the server is not valid yet: clients refuse it");
  }
  return {};
}

Result<std::string> fingerprint(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Pointer certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (certificate == nullptr || X509_digest(certificate.get(), EVP_sha256(), hash.data(), &size) != 1) {
    ERR_clear_error();
    return fail(Code::kInvalid, "this is no certificate in PEM");
  }
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{}{:02X}", i == 0 ? "" : ":", hash[i]);
  return text;
}

}  // namespace weerbaar::http
