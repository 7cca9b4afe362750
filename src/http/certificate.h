// Certificates of TLS: one made here for a start, and what a certificate says.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace weerbaar::http {

// In PEM.
struct Certificate {
  std::string certificate;  // with those of the authorities behind it, when there are any
  std::string key;          // secret
};

// An ECDSA P-256 key and a certificate that it signs itself, for these host names and addresses (the first is its
// subject), valid from an hour ago for ten years: for machines that were told its fingerprint. kInvalid when a name is
// empty or no host name or address.
Result<Certificate> make_self_signed(std::span<const std::string> names);

// kInvalid when the key is none in PEM without a password, or not that of the first certificate.
Status check_key(const Certificate& certificate);

// kInvalid, with which one it is, when `pem` holds no certificates, or one that cannot be read.
Status check_certificates(const std::string& pem);

// kInvalid when the first certificate in `pem` is not valid at that moment: clients that look would refuse it.
Status check_validity(const std::string& pem, int64_t unix_seconds);

// SHA-256 of the first certificate in `pem`, as "AB:CD:…": what a client is told to trust. kInvalid when it is none.
Result<std::string> fingerprint(const std::string& pem);

}  // namespace weerbaar::http
