// One client's connection as a session sees it: buffered octets both ways, a deadline, a way to TLS, and one place
// where end of input, time-out and shutdown are told apart. Beneath it is a Stream: a socket, a TLS stream, or a test's
// memory pipe. A session, its Connection and its Stream live on one executor and one thread.
//
// Pipelining comes for nothing: queue() only appends, and what was queued leaves when the session next waits for input
// (or when it calls flush, or more than output_high_water is waiting).
//
// Its buffers are taken from the client's share of the memory budget. Where that has no room, input is read in small
// pieces; what is queued is accounted for, and whoever queues much asks first.
#pragma once

#include "net/address.h"
#include "net/event.h"
#include "net/memory_budget.h"
#include "net/stream.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

class DeflateStream;
class TlsClient;
class TlsServer;
class TlsStream;

namespace asio = boost::asio;

enum class Input : std::uint8_t {
    data,      // there is more in input() than before
    event,     // the Event was raised first (only from fill_or)
    closed,    // the peer closed or reset, or TLS failed: nothing can be said any more
    timed_out, // the idle deadline passed: say goodbye and go
    dismissed, // who speaks over it has to go (dismiss): say so
    shutdown,  // the daemon stops: say goodbye and go
};

class Connection {
public:
    static constexpr std::size_t output_high_water = 64 * 1024;
    static constexpr std::chrono::seconds default_idle_time{300};
    // How long a handshake may take, and how long the last words and the close.
    static constexpr std::chrono::seconds handshake_time{30};
    static constexpr std::chrono::seconds farewell_time{5};

    // What one takes that holds nothing in its buffers: its session, its coroutines, and what TLS needs for itself.
    static constexpr std::size_t idle_octets = 16 * 1024;
    static constexpr std::size_t idle_tls_octets = 40 * 1024;

    // `stop` is raised at shutdown; it outlives the connection. `memory` is what the connection holds of the budget.
    Connection(std::unique_ptr<Stream> stream, Endpoints endpoints, Event& stop, MemoryShare memory = {});
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    // Octets received and not consumed yet; valid until the next fill, consume or start_tls.
    [[nodiscard]] std::string_view input() const;
    void consume(std::size_t octets);

    // Flushes, then waits until there is more input, at most for the idle time. Reads at most `most` octets more.
    asio::awaitable<Input> fill(std::size_t most = 16 * 1024);
    // The same, and wakes as well when `event` is raised (and then clears it).
    asio::awaitable<Input> fill_or(Event& event);

    void queue(std::string_view octets);
    void queue_whole(std::string octets); // the same, without a copy where nothing else waits
    // Sends what is queued. False when the peer is gone; then queue() drops what it is given.
    asio::awaitable<bool> flush();
    // Flushes only if more than output_high_water waits: for long answers.
    asio::awaitable<bool> flush_if_full();

    // How long fill may wait, and how long a flush may make no progress. default_idle_time unless set.
    void set_idle_time(std::chrono::seconds idle);

    // RFC 3207 §4.2, RFC 3501 §6.2.1: drops what was received in plain text beyond the command, then shakes hands.
    // False when that failed, or there is no memory for it: the connection is closed.
    asio::awaitable<bool> start_tls(TlsServer& tls);
    // The same at the other end, with the server of that name. The error says why it came to nothing.
    asio::awaitable<std::expected<void, std::string>> start_tls(TlsClient const& tls, std::string server_name);
    [[nodiscard]] bool is_tls() const;
    // RFC 4978 §3: says `agreement`, after which all that is said and received is compressed, input included that was
    // received and not consumed. False: there is no memory for that, and nothing was said. Once; and no TLS afterwards,
    // which would have to come beneath.
    asio::awaitable<bool> start_compression(std::string_view agreement);
    [[nodiscard]] bool is_compressed() const { return deflate_ != nullptr; }
    [[nodiscard]] std::vector<ChannelBinding> channel_bindings() const;
    [[nodiscard]] std::optional<PeerCertificate> peer_certificate() const { return stream_->peer_certificate(); }
    // "TLSv1.3 TLS1-3-AES-128-GCM-SHA256" for logs and Received lines; empty without TLS.
    [[nodiscard]] std::string tls_description() const;

    [[nodiscard]] Endpoints const& endpoints() const;
    // For what else is held for this client.
    [[nodiscard]] MemoryShare share() const { return memory_.beside(); }
    [[nodiscard]] asio::any_io_executor executor() const;

    // Finds out within some seconds whether the peer is still there: if not, what waits for it ends as closed.
    void probe() { stream_->probe(); }

    // From now on a wait for input ends as dismissed.
    void dismiss();

    // Sends what is queued (bounded time), says close_notify, closes.
    asio::awaitable<void> close();

private:
    enum class Waiting : std::uint8_t { nothing, input, output, handshake, farewell };
    class Deadline;
    // What is under way, while it is.
    struct Wait {
        Wait(Connection& owner, Waiting what) : connection(owner) { connection.waiting_ = what; }
        ~Wait() { connection.waiting_ = Waiting::nothing; }
        Connection& connection;
    };
    // Wakes the operation under way when its event is raised.
    struct Alarm final : Event::Waiter {
        explicit Alarm(Connection& owner) : connection(owner) {}
        void on_raise() override { connection.interrupt(); }
        Connection& connection;
    };

    asio::awaitable<Input> fill(std::size_t most, Event* event);
    asio::awaitable<std::expected<void, std::string>> shake_hands(std::unique_ptr<TlsStream> tls);
    asio::awaitable<bool> send_output(std::chrono::seconds patience);
    [[nodiscard]] std::size_t held() const;
    [[nodiscard]] std::optional<Input> interruption(Event* event);
    void interrupt();
    void fail();

    std::unique_ptr<Stream> stream_;
    DeflateStream* deflate_ = nullptr; // stream_, once it compresses
    Endpoints endpoints_;
    Event& stop_;
    Alarm stop_alarm_{*this};
    std::shared_ptr<Deadline> deadline_; // shared with its timer's handler
    std::chrono::seconds idle_ = default_idle_time;
    std::string input_;
    std::size_t consumed_ = 0; // of input_
    std::string output_;
    MemoryShare memory_;
    Waiting waiting_ = Waiting::nothing;
    bool tls_ = false;
    bool dismissed_ = false;
    bool failed_ = false; // nothing can be sent or received any more
};

} // namespace postern::net
