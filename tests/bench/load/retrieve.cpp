// One POP3 client that retrieves all that is in its maildrop, with so many RETRs under way at a time. It looks for the
// end of each message and counts, so that the time is the server's.
#include "commands.h"
#include "lines.h"
#include "options.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace postern::bench {

namespace {

class Pop3Client {
public:
    explicit Pop3Client(Options const& options)
        : socket_(connect_to(static_cast<std::uint16_t>(options.number("pop3")))), received_(256 * 1024) {
        (void)take_through("\r\n");
        (void)say(std::format("USER {}\r\n", options.text("user")));
        (void)say(std::format("PASS {}\r\n", options.text("password")));
    }
    ~Pop3Client() { ::close(socket_); }
    Pop3Client(Pop3Client const&) = delete;
    Pop3Client& operator=(Pop3Client const&) = delete;

    void send(std::string_view octets) {
        while (!octets.empty()) {
            auto const sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error("the connection broke");
            octets.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    // A command with an answer of one line, which is valid until the next is taken.
    std::string_view say(std::string_view command) {
        send(command);
        return check(take_through("\r\n"));
    }
    // The octets of an answer of many lines.
    std::size_t take_message() {
        // The end of the first line may be the beginning of that of the message.
        auto const first = check(take_through("\r\n"));
        std::size_t const octets = first.size();
        begin_ -= 2;
        return octets + take_through("\r\n.\r\n").size() - 2;
    }

private:
    static std::string_view check(std::string_view line) {
        if (!line.starts_with("+OK")) throw std::runtime_error(std::format("the server said: {}", line));
        return line;
    }

    std::string_view take_through(std::string_view end) {
        for (std::size_t looked = 0;;) {
            std::string_view const here(received_.data() + begin_, end_ - begin_);
            auto const at = here.find(end, looked);
            if (at != std::string_view::npos) {
                begin_ += at + end.size();
                return here.substr(0, at + end.size());
            }
            looked = here.size() - std::min(here.size(), end.size() - 1);
            receive();
        }
    }

    void receive() {
        std::copy(received_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  received_.begin() + static_cast<std::ptrdiff_t>(end_), received_.begin());
        end_ -= begin_;
        begin_ = 0;
        if (end_ == received_.size()) received_.resize(2 * end_);
        auto const octets = ::recv(socket_, received_.data() + end_, received_.size() - end_, 0);
        if (octets <= 0) throw std::runtime_error("the connection broke");
        end_ += static_cast<std::size_t>(octets);
    }

    int socket_;
    std::vector<char> received_;
    std::size_t begin_ = 0, end_ = 0; // of what was not taken yet
};

} // namespace

void retrieve(Options const& options) {
    Pop3Client client(options);
    auto const status = client.say("STAT\r\n").substr(4);
    std::uint64_t messages = 0, octets = 0;
    std::from_chars(status.data(), status.data() + status.size(), messages);
    auto const ahead = std::min(options.number("ahead", 1), messages);
    auto const began = Clock::now();
    std::string commands;
    std::uint64_t asked = 0;
    for (std::uint64_t taken = 0; taken < messages; ++taken) {
        // New ones once half of them were answered: fewer, longer writes.
        if (asked - taken <= ahead / 2) {
            commands.clear();
            while (asked < messages && asked - taken < ahead) commands += std::format("RETR {}\r\n", ++asked);
            client.send(commands);
        }
        octets += client.take_message();
    }
    auto const seconds = seconds_since(began);
    (void)client.say("QUIT\r\n");
    Figures()
        .add("rate", static_cast<double>(messages) / seconds)
        .add("mb_per_s", static_cast<double>(octets) / seconds / 1e6)
        .add("messages", messages)
        .add("octets", octets);
}

} // namespace postern::bench
