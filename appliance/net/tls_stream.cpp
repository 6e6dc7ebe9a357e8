#include "net/tls_stream.h"

#include "core/crypto.h"
#include "net/async_call.h"
#include "net/authority.h"
#include "net/key_digest.h"
#include "net/mbedtls.h"
#include "net/tls_context.h"

#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <postern_ssl.h>

#include <algorithm>
#include <array>
#include <format>
#include <utility>

namespace postern::net {

namespace asio = boost::asio;

namespace {

// Read from the stream beneath at a time; no more than one record's worth, so that idle connections cost little.
constexpr std::size_t most_received = 16 * 1024;

// What mbedTLS may want to send before we come to send it: a flight of the handshake, or a record and some alerts.
constexpr std::size_t most_to_send = 64 * 1024;

// Records leave together once there is so much of them.
constexpr std::size_t enough_to_send = 16 * 1024;

// What mbedtls_ssl_get_verify_result says where no certificate was looked at.
constexpr std::uint32_t not_verified = 0xffff'ffff;

std::error_code cancelled() { return std::make_error_code(std::errc::operation_canceled); }

} // namespace

struct TlsStream::Engine {
    explicit Engine(std::shared_ptr<TlsContext> of) : context(std::move(of)) { mbedtls_ssl_init(&ssl); }
    Engine(Engine const&) = delete;
    Engine& operator=(Engine const&) = delete;
    ~Engine() { mbedtls_ssl_free(&ssl); }

    static int on_send(void* self, unsigned char const* octets, std::size_t size) {
        auto& engine = *static_cast<Engine*>(self);
        if (engine.to_send.size() + size > most_to_send) return MBEDTLS_ERR_NET_SEND_FAILED;
        engine.to_send.append(reinterpret_cast<char const*>(octets), size);
        return static_cast<int>(size);
    }

    static int on_receive(void* self, unsigned char* into, std::size_t size) {
        auto& engine = *static_cast<Engine*>(self);
        std::string_view const there = std::string_view(engine.received).substr(engine.taken, size);
        if (there.empty()) return engine.lower_ended ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
        std::ranges::copy(there, into);
        engine.taken += there.size();
        return static_cast<int>(there.size());
    }

    // Of a client: from the root down to the server's own certificate. A failure of ours ends the handshake.
    static int on_verify(void* self, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags) {
        auto& engine = *static_cast<Engine*>(self);
        std::string const& wanted = engine.context->key_digest();
        if (!wanted.empty()) *flags = 0;
        if (engine.context->any_time())
            *flags &= ~static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
        if (depth > 0) return 0;
        engine.peer_key = core::sha256(octets_of(certificate->pk_raw));
        return wanted.empty() || wanted == engine.peer_key ? 0 : MBEDTLS_ERR_X509_FATAL_ERROR;
    }

    std::shared_ptr<TlsContext> context;
    std::shared_ptr<Certificates> client_authority; // of this connection alone; null: the context's
    mbedtls_ssl_context ssl;
    std::string peer_key;     // its digest, once the server's certificate was verified
    std::string received;     // records, or parts of them, for mbedTLS
    std::size_t taken = 0;    // of received
    std::string to_send;      // records
    bool lower_ended = false; // the stream beneath has no more
};

TlsStream::TlsStream(std::unique_ptr<Stream> lower, std::shared_ptr<TlsContext> context, std::string server_name,
                     bool asks_certificate, std::shared_ptr<Certificates> client_authority)
    : lower_(std::move(lower)),
      server_name_(std::move(server_name)),
      engine_(std::make_shared<Engine>(std::move(context))),
      sent_(lower_->executor()),
      asks_certificate_(asks_certificate) {
    engine_->client_authority = std::move(client_authority);
}

TlsStream::~TlsStream() = default;

// Sends what mbedTLS produced, and what it produces meanwhile.
asio::awaitable<std::error_code> TlsStream::send() {
    // The coroutine of the other direction may be at it.
    while (sending_ && !failure_) co_await sent_.wait();
    if (failure_) co_return failure_;
    sending_ = true;
    while (!engine_->to_send.empty() && !failure_) {
        std::string const octets = std::exchange(engine_->to_send, {});
        failure_ = co_await lower_->write_all(octets);
    }
    sending_ = false;
    sent_.raise();
    sent_.clear();
    co_return failure_;
}

// What MBEDTLS_ERR_SSL_WANT_READ asks for. A stream that ended is no error here.
asio::awaitable<std::error_code> TlsStream::receive() {
    // mbedTLS also says so when it put a message off, such as a ticket, and only wants to be called again.
    if (engine_->taken < engine_->received.size() || mbedtls_ssl_check_pending(&engine_->ssl) != 0)
        co_return std::error_code{};
    engine_->received.clear();
    engine_->received.shrink_to_fit(); // an idle connection holds no buffer, neither ours nor mbedTLS's
    postern_ssl_free_input(&engine_->ssl);
    engine_->taken = 0;
    if (std::error_code const error = co_await lower_->wait_readable()) co_return error;
    engine_->received.resize(most_received);
    auto const octets = co_await lower_->read_some(engine_->received);
    engine_->received.resize(octets.value_or(0));
    if (!octets) co_return octets.error();
    if (int const failed = postern_ssl_need_input(&engine_->ssl)) co_return co_await broken(failed);
    engine_->lower_ended = *octets == 0;
    if (!established_) octets_received_ += *octets;
    co_return std::error_code{};
}

// Ends the stream for both directions, and tells the peer why, if mbedTLS wants to.
asio::awaitable<std::error_code> TlsStream::broken(int code) {
    std::error_code const why = mbedtls_error(code);
    co_await send();
    if (!failure_) failure_ = why;
    co_return why;
}

// What the handshake can do with what was received: as mbedtls_ssl_handshake says.
asio::awaitable<int> TlsStream::step() {
    std::shared_ptr<Engine> const engine = engine_;
    if (engine->received.empty() || !engine->context->begin_elsewhere()) co_return mbedtls_ssl_handshake(&engine->ssl);
    co_return co_await async_call<int>([engine](AsyncDone<int> done) {
        engine->context->elsewhere([engine, done = std::move(done)]() mutable {
            int const result = mbedtls_ssl_handshake(&engine->ssl);
            engine->context->end_elsewhere();
            done(result);
        });
    });
}

asio::awaitable<std::error_code> TlsStream::handshake() {
    if (int const failed = mbedtls_ssl_setup(&engine_->ssl, &engine_->context->config()))
        co_return co_await broken(failed);
    mbedtls_ssl_set_bio(&engine_->ssl, engine_.get(), Engine::on_send, Engine::on_receive, nullptr);
    if (asks_certificate_) mbedtls_ssl_set_hs_authmode(&engine_->ssl, MBEDTLS_SSL_VERIFY_OPTIONAL);
    if (auto const& authority = engine_->client_authority)
        mbedtls_ssl_set_hs_ca_chain(&engine_->ssl, &authority->first(), nullptr);
    bool const is_client = mbedtls_ssl_conf_get_endpoint(&engine_->context->config()) == MBEDTLS_SSL_IS_CLIENT;
    if (is_client) {
        if (int const failed =
                mbedtls_ssl_set_hostname(&engine_->ssl, server_name_.empty() ? nullptr : server_name_.c_str()))
            co_return co_await broken(failed);
        mbedtls_ssl_set_verify(&engine_->ssl, Engine::on_verify, engine_.get());
        engine_->context->offer_session(engine_->ssl, server_name_);
    }

    unsigned const begun = cancellations_;
    for (;;) {
        int const result = co_await step();
        if (result != 0 && result != MBEDTLS_ERR_SSL_WANT_READ) co_return co_await broken(result);
        if (std::error_code const error = co_await send()) co_return error;
        if (result == 0) break;
        if (octets_received_ > handshake_limit) co_return failure_ = std::make_error_code(std::errc::message_size);
        if (cancellations_ != begun) co_return failure_ = cancelled();
        if (std::error_code const error = co_await receive()) co_return failure_ = error;
    }
    established_ = true;
    if (!is_client) postern_ssl_end_handshake(&engine_->ssl);
    // With TLS 1.3 the ticket comes later, as a message of its own.
    if (is_client && mbedtls_ssl_get_version_number(&engine_->ssl) == MBEDTLS_SSL_VERSION_TLS1_2)
        engine_->context->keep_session(engine_->ssl, server_name_);
    co_return std::error_code{};
}

// Octets read; with nowhere to put them zero, as soon as there are some.
asio::awaitable<std::expected<std::size_t, std::error_code>> TlsStream::read(std::span<char> into) {
    unsigned const begun = cancellations_;
    unsigned char nowhere[1];
    auto* const begin = into.empty() ? nowhere : reinterpret_cast<unsigned char*>(into.data());
    while (!failure_) {
        if (peer_closed_) co_return 0;
        int const result = mbedtls_ssl_read(&engine_->ssl, begin, into.size());
        if (result > 0 || (into.empty() && mbedtls_ssl_get_bytes_avail(&engine_->ssl) > 0))
            co_return static_cast<std::size_t>(std::max(result, 0));
        switch (result) {
        case 0:
            // Asked for nothing, it also says zero after a record without content.
            if (engine_->lower_ended) co_return std::unexpected(co_await broken(MBEDTLS_ERR_SSL_CONN_EOF));
            break;
        case MBEDTLS_ERR_SSL_WANT_READ:
            if (!engine_->to_send.empty() && !sending_)
                if (std::error_code const error = co_await send()) co_return std::unexpected(error);
            if (cancellations_ != begun) co_return std::unexpected(cancelled());
            if (std::error_code const error = co_await receive()) co_return std::unexpected(error);
            break;
        case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: peer_closed_ = true; break;
        case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
            engine_->context->keep_session(engine_->ssl, server_name_);
            break;
        default: co_return std::unexpected(co_await broken(result));
        }
    }
    co_return std::unexpected(failure_);
}

asio::awaitable<std::expected<std::size_t, std::error_code>> TlsStream::read_some(std::span<char> into) {
    return read(into);
}

asio::awaitable<std::error_code> TlsStream::wait_readable() {
    auto const ready = co_await read({});
    co_return ready ? std::error_code{} : ready.error();
}

asio::awaitable<std::error_code> TlsStream::write_all(std::string_view octets) {
    unsigned const begun = cancellations_;
    while (!octets.empty() && !failure_) {
        while (!octets.empty() && engine_->to_send.size() < enough_to_send) { // a record at a time
            int const taken =
                mbedtls_ssl_write(&engine_->ssl, reinterpret_cast<unsigned char const*>(octets.data()), octets.size());
            if (taken <= 0) co_return co_await broken(taken);
            octets.remove_prefix(static_cast<std::size_t>(taken));
        }
        if (std::error_code const error = co_await send()) co_return error;
        if (cancellations_ != begun && !octets.empty()) co_return failure_ = cancelled();
    }
    co_return failure_;
}

void TlsStream::cancel() {
    ++cancellations_;
    lower_->cancel();
}

asio::awaitable<void> TlsStream::close() {
    if (established_ && !failure_ && mbedtls_ssl_close_notify(&engine_->ssl) == 0) co_await send();
    co_await lower_->close();
}

std::string TlsStream::tls_description() const {
    if (!established_) return {};
    return std::format("{} {}", mbedtls_ssl_get_version(&engine_->ssl), mbedtls_ssl_get_ciphersuite(&engine_->ssl));
}

// With an authority of the connection's own, one that is that very certificate needs no other proof than its key.
std::optional<PeerCertificate> TlsStream::peer_certificate() const {
    if (!established_ || !asks_certificate_) return std::nullopt;
    auto const* const certificate = mbedtls_ssl_get_peer_cert(&engine_->ssl);
    if (certificate == nullptr) return std::nullopt;
    auto const& authority = engine_->client_authority;
    bool const known = authority && octets_of(certificate->raw) == octets_of(authority->first().raw);
    if (!known && mbedtls_ssl_get_verify_result(&engine_->ssl) != 0) return std::nullopt;
    return describe(*certificate);
}

std::string TlsStream::why_untrusted() const {
    if (engine_->peer_key.empty()) return {}; // a client's, or one that was not reached
    std::string const key = write_key_digest(engine_->peer_key);
    if (std::string const& wanted = engine_->context->key_digest(); !wanted.empty())
        return engine_->peer_key == wanted ? std::string()
                                           : std::format("its key is {}, and not the one that it has to have", key);
    std::uint32_t const flags = mbedtls_ssl_get_verify_result(&engine_->ssl);
    if (flags == 0 || flags == not_verified) return {};
    std::array<char, 512> text{};
    int const length = mbedtls_x509_crt_verify_info(text.data(), text.size(), "", flags);
    if (length <= 0) return "its certificate is not trusted";
    std::string reasons(text.data(), static_cast<std::size_t>(length)); // a line each
    while (reasons.ends_with('\n')) reasons.pop_back();
    std::ranges::replace(reasons, '\n', ' ');
    return std::format("{} (its key is {})", reasons, key);
}

std::vector<ChannelBinding> TlsStream::channel_bindings() const {
    std::vector<ChannelBinding> bindings;
    if (!established_) return bindings;
    // RFC 9266 §2. With TLS 1.2 it is as good as the extended master secret, which a client may lack.
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    std::string exported(32, '\0');
    if (mbedtls_ssl_get_version_number(&engine_->ssl) == MBEDTLS_SSL_VERSION_TLS1_3 &&
        mbedtls_ssl_export_keying_material(&engine_->ssl, reinterpret_cast<unsigned char*>(exported.data()),
                                           exported.size(), label.data(), label.size(), nullptr, 0, 1) == 0)
        bindings.push_back({"tls-exporter", std::move(exported)});
    auto const* server = engine_->context->own_certificate();
    if (server == nullptr) server = mbedtls_ssl_get_peer_cert(&engine_->ssl);
    if (server != nullptr)
        if (std::string hash = end_point_hash(*server); !hash.empty())
            bindings.push_back({"tls-server-end-point", std::move(hash)});
    return bindings;
}

} // namespace postern::net
