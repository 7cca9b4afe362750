#include "http/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <string_view>

namespace weerbaar::http {
namespace {

using Context = boost::asio::ssl::context;
using boost::system::error_code;

// Sessions are resumed from what the client keeps; with client certificates OpenSSL wants a name for those.
constexpr std::string_view kSessionName = "weerbaar";

std::unexpected<Error> refused(std::string_view what) {
  ERR_clear_error();
  return fail(Code::kInvalid, std::string(what));
}

Status use_client_authorities(Context& context, const TlsOptions& options) {
  if (options.client_authorities.empty()) {
    if (options.client_certificate_required) {
      return fail(Code::kInvalid,
                  "certificates of clients are required, but no authority is named that vouches for them");
    }
    return {};
  }
  error_code error;
  context.add_certificate_authority(boost::asio::buffer(options.client_authorities), error);
  if (error) return refused("the authorities for clients are no certificates in PEM");
  int mode = SSL_VERIFY_PEER;
  if (options.client_certificate_required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context.native_handle(), mode, nullptr);
  return {};
}

}  // namespace

Result<std::shared_ptr<Context>> make_tls_context(const TlsOptions& options) {
  ERR_clear_error();
  auto context = std::make_shared<Context>(Context::tls_server);
  SSL_CTX* const native = context->native_handle();
  error_code error;
  context->use_certificate_chain(boost::asio::buffer(options.certificate.certificate), error);
  if (error) return refused("the certificate of TLS is no certificate in PEM");
  context->use_private_key(boost::asio::buffer(options.certificate.key), Context::pem, error);
  if (error) return refused("the key of TLS is no key in PEM without a password, or not that of the certificate");
  if (SSL_CTX_check_private_key(native) != 1) return refused("the key of TLS is not that of the certificate");
  SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  // Nothing here is worth what data before the end of the handshake, which can be replayed, would save.
  SSL_CTX_set_max_early_data(native, 0);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>(kSessionName.data()),
                                 static_cast<unsigned>(kSessionName.size()));
  WEERBAAR_TRY(use_client_authorities(*context, options));
  return context;
}

}  // namespace weerbaar::http
