// COMPRESS=DEFLATE (RFC 4978): all octets of both directions are deflated on their way to and from another Stream,
// which may be a TLS stream, and so are compressed before they are encrypted (§3).
//
// - Whatever is sent arrives, since each write ends with a flush; a session writes only when it would wait otherwise.
// - Input is inflated as it is asked for, never more than that: a peer cannot make octets appear that nobody has room
//   for. Each time that there is more of what arrived, others have their turn first, however much it becomes.
// - A connection that waits holds what its peer sent last, up to 32 KiB as deflate demands, and 4 KiB of what it was
//   sent: 1.8 KiB more than a plain one for a client that logged in, selected its INBOX and waits (measured over 400; a
//   compressor and a decompressor of zlib's own take some 300 KiB). Where a client flushes otherwise than by
//   Z_SYNC_FLUSH it is 42 KiB more.
#pragma once

#include "net/deflate.h"
#include "net/stream.h"

namespace postern::net {

class DeflateStream final : public Stream {
public:
    // Read from the stream beneath at a time, and compressed at a time.
    static constexpr std::size_t input_octets = 4 * 1024;
    static constexpr std::size_t output_octets = 16 * 1024;
    // The most that one holds, and what it always may: what is being sent, and what was.
    static constexpr std::size_t most_octets =
        Inflater::most_octets + input_octets + output_octets + Deflater::history_octets;
    // What one holds now.
    [[nodiscard]] std::size_t held_octets() const;

    // `received`: what was read from `lower` already, beyond the command.
    DeflateStream(std::unique_ptr<Stream> lower, std::string received);

    // Zero as well after a block that says to be the last.
    boost::asio::awaitable<std::expected<std::size_t, std::error_code>> read_some(std::span<char> into) override;
    boost::asio::awaitable<std::error_code> wait_readable() override;
    boost::asio::awaitable<std::error_code> write_all(std::string_view octets) override;
    void cancel() override;
    boost::asio::awaitable<void> close() override { return lower_->close(); }
    void probe() override { lower_->probe(); }
    [[nodiscard]] std::string tls_description() const override { return lower_->tls_description(); }
    [[nodiscard]] std::vector<ChannelBinding> channel_bindings() const override { return lower_->channel_bindings(); }
    [[nodiscard]] std::optional<PeerCertificate> peer_certificate() const override {
        return lower_->peer_certificate();
    }
    [[nodiscard]] boost::asio::any_io_executor executor() const override { return lower_->executor(); }

    // Why reading failed, if what was received is no deflate stream; empty otherwise.
    [[nodiscard]] std::string_view fault() const { return inflater_.fault(); }

private:
    void let_go();
    boost::asio::awaitable<std::error_code> receive();

    std::unique_ptr<Stream> lower_;
    Deflater deflater_;
    Inflater inflater_;
    std::string received_;  // compressed
    std::size_t taken_ = 0; // of received_
    char first_ = 0;        // inflated already, to see whether there is something
    bool has_first_ = false;
    bool lower_ended_ = false;
    unsigned cancellations_ = 0;
};

} // namespace postern::net
