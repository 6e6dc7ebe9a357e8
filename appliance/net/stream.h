// Octets both ways, without buffering: what a Connection reads from and writes to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace postern::net {

// RFC 5056: what both ends of a TLS connection know, and nobody in between could have made the same on both sides.
struct ChannelBinding {
    std::string_view type; // as registered: "tls-exporter" (RFC 9266), "tls-server-end-point" (RFC 5929 §4)
    std::string octets;
};

// A certificate that the peer of a TLS connection proved to be its own, signed by whom we trust for that.
struct PeerCertificate {
    std::string serial;       // RFC 5280 §4.1.2.2; raw octets
    std::string mail_address; // the rfc822Name that it is for
};

// One read (read_some or wait_readable) and one write may be under way at a time, on one executor.
class Stream {
public:
    virtual ~Stream() = default;

    // At least one octet; zero means the peer closed its side in an orderly way. Nothing is put there before all waits
    // are over, and the caller goes on at once: many streams of a thread may share the place.
    virtual boost::asio::awaitable<std::expected<std::size_t, std::error_code>> read_some(std::span<char> into) = 0;
    // Waits until read_some would not wait: an idle connection needs no buffer.
    virtual boost::asio::awaitable<std::error_code> wait_readable() = 0;
    virtual boost::asio::awaitable<std::error_code> write_all(std::string_view octets) = 0;
    // Ends what is under way with std::errc::operation_canceled; no effect on what begins later. A cancelled read lost
    // no octets and the stream goes on; after a cancelled write nobody knows what was sent. Never resumes a coroutine
    // before it returns.
    virtual void cancel() = 0;
    // Says that nothing more will be sent (TLS: close_notify), waits for the peer to close as well so that what was
    // sent last is not lost with a reset, closes. Cancelling it ends the wait.
    virtual boost::asio::awaitable<void> close() = 0;
    // Has the peer's system asked whether it is still there: if it does not answer within some seconds, what is under
    // way fails. Where nothing is under way it is the next read or write that does.
    virtual void probe() {}
    // "TLSv1.3 TLS1-3-AES-128-GCM-SHA256"; empty without TLS.
    [[nodiscard]] virtual std::string tls_description() const { return {}; }
    // Those that this connection has, once it is established; none without TLS.
    [[nodiscard]] virtual std::vector<ChannelBinding> channel_bindings() const { return {}; }
    // A client's, if it was asked for one and had one.
    [[nodiscard]] virtual std::optional<PeerCertificate> peer_certificate() const { return std::nullopt; }
    [[nodiscard]] virtual boost::asio::any_io_executor executor() const = 0;
};

} // namespace postern::net
