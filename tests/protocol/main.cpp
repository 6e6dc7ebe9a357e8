// Runs every transcript below a folder, each in several ways; closes with the line `N passed, N failed`.
#include "imap/session.h"
#include "net/connection.h"
#include "net/memory_stream.h"
#include "pop3/session.h"
#include "smtp/session.h"
#include "support/office_fixture.h"
#include "transcript.h"

#include "core/log.h"
#include "store/aliases.h"
#include "store/check.h"
#include "store/mailboxes.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <format>
#include <limits>
#include <map>
#include <optional>
#include <random>

namespace postern::test {

namespace {

namespace asio = boost::asio;

// No answer is this slow: only a test that would otherwise hang comes here.
constexpr std::chrono::seconds patience{60};

constexpr std::size_t whole = std::numeric_limits<std::size_t>::max();

struct Pace {
    std::string_view name;
    std::size_t fed;  // octets that arrive from the client at a time
    std::size_t read; // octets that the session reads at a time
    std::optional<std::uint32_t> cut; // seed: the connection breaks at a random place
};

using Serve = asio::awaitable<void> (*)(net::Connection&, office::Office&);

asio::awaitable<void> serve_exchange(net::Connection& connection, office::Office& office) {
    return smtp::serve(connection, office, smtp::Role::exchange);
}
asio::awaitable<void> serve_submission(net::Connection& connection, office::Office& office) {
    return smtp::serve(connection, office, smtp::Role::submission);
}

asio::awaitable<void> serve_on_demand(net::Connection& connection, office::Office& office) {
    co_await smtp::take_turn(connection, office);
}

std::map<std::string, Serve> const services{
    {"smtp", serve_exchange}, {"on_demand", serve_on_demand}, {"submission", serve_submission}, {"imap", imap::serve}, {"pop3", pop3::serve}};

// A client: its end of the memory stream, and what the server said that no turn has taken yet.
struct Client {
    Client(OfficeFixture& fixture, Serve serve, std::size_t read_size) {
        auto owned = std::make_unique<net::MemoryStream>(fixture.io.get_executor());
        stream = owned.get();
        stream->set_read_size(read_size);
        connection = std::make_unique<net::Connection>(
            std::move(owned), net::Endpoints{"192.168.1.20", 40000, "192.168.1.1", 143}, fixture.stop);
        asio::co_spawn(fixture.io, run(serve, fixture), asio::detached);
    }

    asio::awaitable<void> run(Serve serve, OfficeFixture& fixture) {
        co_await serve(*connection, fixture.office);
        co_await connection->close();
        done = true;
    }

    std::unique_ptr<net::Connection> connection;
    net::MemoryStream* stream;
    std::string said;
    bool done = false;
};

class Run {
public:
    Run(Transcript const& transcript, Pace pace, Serve serve)
        : transcript_(transcript),
          pace_(pace),
          serve_(serve) {}

    // Nothing, or what went wrong.
    std::optional<std::string> operator()() {
        for (auto const& [name, value] : transcript_.settings)
            if (auto set = fixture_.set(name, value); !set) return set.error();
        for (auto const& [address, mailbox] : transcript_.aliases)
            if (auto made = make_alias(address, mailbox); !made) return std::string(store::describe(made.error()));
        if (!transcript_.nodes.empty())
            fixture_.office.start_queue = [this](std::string const& domain, bool) {
                return std::ranges::contains(transcript_.nodes, domain) ? office::QueueStart::started
                                                                        : office::QueueStart::not_allowed;
            };
        auto problem = pace_.cut ? play_until_cut() : play();
        for (auto& [_, client] : clients_)
            if (!client->done) client->stream->feed_end();
        if (!run_until([this] { return all_done(); })) return problem ? problem : "a session did not end with its client";
        if (problem) return problem;
        auto const report = store::check(fixture_.store(), true);
        if (!report) return std::format("the store's check failed: {}", store::describe(report.error()));
        if (!report->problems.empty()) return "the store's check found: " + report->problems.front().what;
        return std::nullopt;
    }

private:
    store::Result<void> make_alias(std::string const& address, std::string const& mailbox) {
        return fixture_.store().write_here([&](store::WriteTransaction& transaction) {
            return store::create_mailbox(transaction, store::the_office, mailbox, "", fixture_.clock.wall())
                .and_then([&](store::MailboxId id) { return store::set_alias(transaction, {address, {}, {id}}); });
        });
    }

    std::optional<std::string> play() {
        for (Turn const& turn : transcript_.turns) {
            Client& client = client_of(turn);
            if (turn.who == Turn::Who::client) feed(client, turn.octets);
            else if (auto problem = expect(client, turn)) return problem;
        }
        for (auto& [_, client] : clients_) {
            client->said += client->stream->take_output();
            if (!client->said.empty()) return "said besides: " + client->said;
        }
        return std::nullopt;
    }

    // The same with the client gone in the middle: nobody reads the answers, and only the store is looked at.
    std::optional<std::string> play_until_cut() {
        std::mt19937 random(*pace_.cut);
        std::size_t octets = 0;
        for (Turn const& turn : transcript_.turns)
            if (turn.who == Turn::Who::client) octets += turn.octets.size();
        std::size_t left = random() % (octets + 1);
        for (Turn const& turn : transcript_.turns) {
            Client& client = client_of(turn);
            if (turn.who == Turn::Who::server) {
                if (auto problem = expect(client, turn)) return problem;
                continue;
            }
            std::size_t const sent = std::min(left, turn.octets.size());
            feed(client, std::string_view(turn.octets).substr(0, sent));
            left -= sent;
            if (sent < turn.octets.size()) return std::nullopt;
        }
        return std::nullopt;
    }

    Client& client_of(Turn const& turn) {
        auto& client = clients_[turn.connection];
        if (!client) {
            auto const other = transcript_.services.find(turn.connection);
            Serve const serve = other == transcript_.services.end() ? serve_ : services.at(other->second);
            client = std::make_unique<Client>(fixture_, serve, pace_.read);
        }
        return *client;
    }

    void feed(Client& client, std::string_view octets) {
        while (!octets.empty()) {
            auto const part = octets.substr(0, std::min(pace_.fed, octets.size()));
            client.stream->feed(part);
            octets.remove_prefix(part.size());
            fixture_.io.poll();
        }
    }

    std::optional<std::string> expect(Client& client, Turn const& turn) {
        if (turn.closes) {
            if (run_until([&] { return client.done; })) return std::nullopt;
            return std::format("{}:{}: the server did not close", transcript_.path.string(), turn.line);
        }
        auto const has_line = [&] {
            client.said += client.stream->take_output();
            return client.said.contains("\r\n");
        };
        if (!run_until([&] { return has_line() || client.done; }) || !has_line())
            return std::format("{}:{}: expected \"{}\", and the server says only \"{}\"", transcript_.path.string(),
                               turn.line, turn.octets, client.said);
        auto const end = client.said.find("\r\n");
        std::string const line = client.said.substr(0, end);
        client.said.erase(0, end + 2);
        if (matches(turn.octets, line)) return std::nullopt;
        return std::format("{}:{}: expected\n    {}\n  and the server said\n    {}", transcript_.path.string(),
                           turn.line, turn.octets, line);
    }

    template <typename Condition>
    bool run_until(Condition condition) {
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) return false;
            fixture_.io.restart();
            fixture_.io.run_one_for(std::chrono::milliseconds(50));
        }
        return true;
    }

    bool all_done() const {
        return std::ranges::all_of(clients_, [](auto const& client) { return client.second->done; });
    }

    Transcript const& transcript_;
    Pace pace_;
    Serve serve_;
    OfficeFixture fixture_;
    std::map<std::size_t, std::unique_ptr<Client>> clients_;
};

} // namespace

} // namespace postern::test

int main(int argc, char** argv) {
    using namespace postern::test;
    postern::core::set_log_level(postern::core::Level::error);
    std::filesystem::path const folder = argc > 1 ? argv[1] : "tests/protocol";
    std::string_view const only = argc > 2 ? argv[2] : "";
    std::vector<std::filesystem::path> paths;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".transcript" && entry.path().string().contains(only)) paths.push_back(entry.path());
    std::ranges::sort(paths);

    std::vector<Pace> paces{{"whole", whole, whole, {}}, {"octet by octet", 1, whole, {}}, {"read by octets", whole, 1, {}}};
    for (std::uint32_t seed = 1; seed <= 3; ++seed) paces.push_back({"cut", whole, whole, seed});

    int passed = 0, failed = 0;
    for (auto const& path : paths) {
        auto const transcript = read_transcript(path);
        auto const service = services.find(path.parent_path().filename().string());
        std::optional<std::string> problem;
        if (!transcript) problem = transcript.error();
        else if (service == services.end()) problem = "in no service's folder: " + path.string();
        for (Pace const& pace : paces) {
            if (problem) break;
            problem = Run(*transcript, pace, service->second)();
            if (problem) *problem = std::format("{} ({}): {}", path.string(), pace.name, *problem);
        }
        if (problem) std::printf("FAILED %s\n", problem->c_str());
        ++(problem ? failed : passed);
    }
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
