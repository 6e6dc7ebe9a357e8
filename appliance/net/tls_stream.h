// A TLS connection by mbedTLS as a Stream over another. mbedTLS calls back for each octet it wants to send or receive;
// we always take what it sends into a buffer, which leaves before anything more is written, and give it what was
// received, so that it never sees a half-done write.
#pragma once

#include "net/event.h"
#include "net/stream.h"

#include <memory>
#include <string>
#include <vector>

namespace postern::net {

class Certificates;
class TlsContext;

class TlsStream final : public Stream {
public:
    // A handshake for which the peer sends more than this is refused.
    static constexpr std::size_t handshake_limit = 64 * 1024;

    // server_name: for a client; empty for a server, which may ask for its client's certificate, signed by whom the
    // context or `client_authority` says.
    TlsStream(std::unique_ptr<Stream> lower, std::shared_ptr<TlsContext> context, std::string server_name,
              bool asks_certificate = false, std::shared_ptr<Certificates> client_authority = nullptr);
    ~TlsStream() override;

    // To be done first, and once. Whoever calls it bounds its time with cancel(). A server computes it where
    // TlsServer::Options says; the stream may be destroyed meanwhile.
    boost::asio::awaitable<std::error_code> handshake();

    // A stream that ends without close_notify is an error, not an end: somebody may have cut it (RFC 8446 §6.1).
    boost::asio::awaitable<std::expected<std::size_t, std::error_code>> read_some(std::span<char> into) override;
    boost::asio::awaitable<std::error_code> wait_readable() override;
    boost::asio::awaitable<std::error_code> write_all(std::string_view octets) override;
    void cancel() override;
    boost::asio::awaitable<void> close() override;
    void probe() override { lower_->probe(); }
    [[nodiscard]] std::string tls_description() const override;
    [[nodiscard]] std::vector<ChannelBinding> channel_bindings() const override;
    [[nodiscard]] std::optional<PeerCertificate> peer_certificate() const override;
    // After a handshake that failed: what is wrong with the peer's certificate; empty if it was not that.
    [[nodiscard]] std::string why_untrusted() const;
    [[nodiscard]] boost::asio::any_io_executor executor() const override { return lower_->executor(); }

private:
    // What mbedTLS works on; shared with a step of a handshake that is computed on another thread, and may outlive us.
    struct Engine;

    boost::asio::awaitable<int> step();
    boost::asio::awaitable<std::error_code> send();
    boost::asio::awaitable<std::error_code> receive();
    boost::asio::awaitable<std::error_code> broken(int code);
    boost::asio::awaitable<std::expected<std::size_t, std::error_code>> read(std::span<char> into);

    std::unique_ptr<Stream> lower_;
    std::string server_name_;
    std::shared_ptr<Engine> engine_;  // ours alone but in step()
    std::size_t octets_received_ = 0; // during the handshake
    Event sent_;                      // `sending_` became false
    std::error_code failure_;         // of TLS, or of a write: the stream is done for
    unsigned cancellations_ = 0;
    bool asks_certificate_;
    bool sending_ = false;
    bool established_ = false;
    bool peer_closed_ = false; // close_notify was received
};

} // namespace postern::net
