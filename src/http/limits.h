// Everything that a client could use too much of, with a maximum.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weerbaar::http {

struct Limits {
  // Open at once. Beyond it a new one is closed as soon as it is accepted.
  size_t connections_max = 4'096;
  // Of one client: an IPv4 address, or the first 64 bits of an IPv6 address.
  size_t connections_a_client_max = 512;
  // Of one client; beyond it the answer is 429. 0: no limit.
  double requests_a_second = 10'000;
  double requests_burst = 20'000;
  // Clients whose rate is remembered.
  size_t clients_remembered = 65'536;

  size_t header_bytes_max = 16 * 1024;  // with the request line, and of the trailer of a body in chunks
  size_t header_fields_max = 100;
  // As it comes, and again after decompression; a handler may take less: Admission.
  size_t body_bytes_max = 64 * 1024 * 1024;
  // Memory of all bodies that are held at once, compressed and decompressed. Beyond it the answer is 503.
  size_t bodies_bytes_max = 512 * 1024 * 1024;
  // Of these, what one sender holds at most: who was admitted, or else the address.
  [[nodiscard]] size_t bodies_bytes_a_sender_max() const { return std::max(bodies_bytes_max / 2, 2 * body_bytes_max); }
  uint64_t requests_a_connection_max = 1'000'000;
  // Requests that wait for a worker. Beyond it the answer is 503.
  size_t requests_waiting_max = 4'096;

  // Beyond any of these the connection is closed. They are looked at ten times a second.
  std::chrono::milliseconds handshake{10'000};   // of TLS
  std::chrono::milliseconds first_byte{10'000};  // of the first request
  std::chrono::milliseconds idle{60'000};        // between requests
  std::chrono::milliseconds header{10'000};      // from its first byte to its last
  std::chrono::milliseconds body{60'000};        // the same
  std::chrono::milliseconds answer{60'000};      // until the client has taken the whole of it
};

}  // namespace weerbaar::http
