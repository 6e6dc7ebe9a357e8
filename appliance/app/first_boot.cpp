#include "app/first_boot.h"

#include "app/service_manager.h"
#include "app/sleep.h"
#include "app/store_options.h"
#include "control/answers.h"
#include "control/box_facts.h"
#include "control/box_requests.h"
#include "control/kept_values.h"
#include "control/menu_password.h"
#include "control/server.h"
#include "control/sticks.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "core/settings.h"
#include "net/whole_file.h"
#include "office/login.h"
#include "store/accounts.h"
#include "store/audit.h"
#include "store/relays.h"
#include "store/settings.h"
#include "store/store.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <format>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace postern::app {

namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto farewell_limit = 5s; // for the answer to whoever set the box up

// Held as the store holds it, so that no other daemon waits, or serves, in the same directory.
class DirectoryLock {
public:
    explicit DirectoryLock(fs::path const& directory)
        : descriptor_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}
    ~DirectoryLock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    DirectoryLock(DirectoryLock const&) = delete;
    DirectoryLock& operator=(DirectoryLock const&) = delete;
    [[nodiscard]] bool take() const { return descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

private:
    int descriptor_;
};

// An answers file with each password as it is kept.
struct Verified {
    struct Account {
        std::string name;
        store::ScramVerifier verifier;
    };
    std::vector<Account> accounts; // the administrator's first
    std::string menu_password;
};

std::expected<Verified, std::string> verify(control::Answers const& answers, core::Random& random) {
    core::Settings settings;
    for (auto const& [name, value] : answers.settings) (void)settings.set(name, value);
    auto const iterations = static_cast<std::uint32_t>(settings.count("login.iterations"));
    Verified verified;
    auto const add = [&](std::string_view name, core::Secret const& password) {
        auto verifier = office::make_verifier(password, random.bytes(office::scram_salt_octets), iterations);
        if (verifier) verified.accounts.emplace_back(std::string(name), std::move(*verifier));
        return verifier.has_value();
    };
    constexpr std::string_view refusal = "the password of {} cannot be used: it holds characters that not every mail "
                                         "program can send";
    if (!add(control::administrator_login, answers.password))
        return std::unexpected(std::format(refusal, control::administrator_login));
    for (auto const& [name, password] : answers.accounts)
        if (!add(name, password)) return std::unexpected(std::format(refusal, name));
    auto const menu = office::make_verifier(answers.password, random.bytes(office::scram_salt_octets), iterations);
    verified.menu_password = control::write_verifier(*menu);
    return verified;
}

store::Result<void> put_office(store::WriteTransaction& transaction, control::Answers const& answers,
                               Verified const& verified, std::string const& decoy, std::string const& caller,
                               core::WallTime now) {
    std::vector<std::pair<std::string, std::string>> kept = answers.settings;
    kept.emplace_back(control::domain_value, answers.domain);
    kept.emplace_back(control::decoy_key_value, decoy);
    kept.emplace_back(control::menu_password_value, verified.menu_password);
    for (auto const& [name, value] : kept)
        if (auto const put = store::put_setting(transaction, name, value); !put) return put;
    for (auto const& [name, verifier] : verified.accounts) {
        bool const administrator = name == control::administrator_login;
        if (auto const made = store::create_account(transaction, name, verifier, administrator, now); !made)
            return std::unexpected(made.error());
    }
    if (answers.relay)
        if (auto const set = store::set_relay(transaction, *answers.relay); !set) return set;
    return store::audit(transaction, "setup", std::format("domain={} by={}", answers.domain, caller), now);
}

std::expected<void, std::string> make_office(fs::path const& data, control::Answers const& answers,
                                             std::string const& caller) {
    core::SystemRandom random;
    auto const verified = verify(answers, random);
    if (!verified) return std::unexpected(verified.error());
    fs::path const aside = data / "office.new";
    std::error_code error;
    fs::remove_all(aside, error);
    {
        auto const opened = store::Store::open(aside, store_options(data));
        if (!opened) return std::unexpected(opened.error().reason);
        auto const put = (*opened)->write_here(
            [&, decoy = random.hex(32), now = core::SystemClock().wall()](store::WriteTransaction& transaction) {
                return put_office(transaction, answers, *verified, decoy, caller, now);
            });
        if (!put) return std::unexpected(std::format("the store cannot be made: {}", store::describe(put.error())));
    }
    fs::rename(aside / "store", data / "store", error);
    if (error) return std::unexpected(std::format("the store cannot be put into its place: {}", error.message()));
    if (auto const synced = net::sync_directory(data); !synced) return synced;
    fs::remove_all(aside, error);
    return {};
}

class FirstBoot {
public:
    explicit FirstBoot(Options const& options) : options_(options) {}

    std::expected<FirstBootEnd, std::string> run(std::function<void()> const& ready) {
        auto server = control::Server::listen(
            context_.get_executor(), options_.control,
            [this](control::Request request, std::string caller, control::Send const&, control::Receive const&) {
                return act(std::move(request), std::move(caller));
            },
            over_);
        if (!server) return std::unexpected(std::move(server.error()));
        server_ = std::move(*server);
        signals_.async_wait([this](boost::system::error_code error, int) {
            if (!error) over_.raise();
        });
        asio::co_spawn(context_, end(), asio::detached);
        if (auto const interval = watchdog_interval())
            asio::co_spawn(context_, feed_watchdog(*interval), asio::detached);
        core::log(core::Event::office_awaited, {{"data", options_.data.native()}});
        notify_ready();
        ready();
        context_.run();
        return made_ ? FirstBootEnd::office_made : FirstBootEnd::stopped;
    }

private:
    asio::awaitable<control::Answer> act(control::Request request, std::string caller) {
        if (request.command->name == "status") co_return status();
        if (request.command->name.starts_with("box.")) co_return ask_box(request, caller);
        if (request.command->name != "setup")
            co_return control::refused("this box has no office yet: `postern setup` makes it");
        if (!request.arguments.has("answers")) co_return control::refused("`postern setup` wants its answers");
        if (made_) co_return control::refused("somebody else has just set this box up");
        auto const answers = control::read_answers(request.arguments.secret("answers").reveal());
        if (!answers) co_return control::refused(answers.error() + "; nothing was changed");
        if (answers->encryption && !is_encrypted())
            co_return control::refused("the disk is not encrypted, as encrypt = wants it, and cannot be here; nothing "
                                       "was changed");
        if (auto const made = make_office(options_.data, *answers, caller); !made)
            co_return control::refused(made.error() + "; nothing was changed");
        core::log(core::Event::office_made, {{"domain", answers->domain}, {"by", caller}});
        made_ = true;
        over_.raise();
        co_return boost::json::object{
            {"domain", answers->domain}, {"accounts", answers->accounts.size() + 1}, {"changed", true}};
    }

    [[nodiscard]] control::Answer status() const {
        boost::json::object status{{"waits", "for its office: `postern setup` makes it"}};
        if (auto const facts = control::read_box_facts(run_)) status["box"] = control::box_status(*facts);
        return status;
    }

    // `postern setup` has it encrypted before it gives the answers.
    [[nodiscard]] bool is_encrypted() const {
        auto const facts = control::read_box_facts(run_);
        return facts && facts->encrypted.value_or(false);
    }

    // Nothing: it can be.
    [[nodiscard]] std::optional<std::string> encryption_objection(bool by_tpm2) const {
        auto const facts = control::read_box_facts(run_);
        if (!facts || !facts->encrypted) return "this box cannot encrypt its disk";
        if (*facts->encrypted) return "the disk is encrypted";
        if (by_tpm2 && !facts->tpm2) return "this box has no TPM 2.0 that could open its disk: take a passphrase";
        return std::nullopt;
    }

    // Nobody else waits meanwhile.
    [[nodiscard]] control::Answer ask_box(control::Request const& request, std::string const& caller) const {
        if (request.command->name == "box.sticks") return control::list_sticks(control::sticks_directory(run_));
        auto const requests = run_ / control::requests_directory;
        if (request.command->name == "box.results") return control::box_results(requests);
        auto const wanted = control::read_box_request(request.command->name, request.arguments);
        if (!wanted) return control::refused(wanted.error());
        if (request.command->name == "box.encrypt")
            if (auto objection = encryption_objection(request.arguments.option("open") == "tpm2"))
                return control::refused(std::move(*objection));
        if (auto const left = control::leave_request(requests, *wanted); !left) return control::refused(left.error());
        core::log(core::Event::box_asked, {{"for", wanted->name}, {"by", caller}});
        return boost::json::object{{"asked_for", wanted->name}};
    }

    asio::awaitable<void> end() {
        co_await over_.wait();
        for (auto waited = 0ms; server_->connections() != 0 && waited < farewell_limit; waited += 10ms)
            co_await sleep(10ms);
        context_.stop();
    }

    asio::awaitable<void> feed_watchdog(std::chrono::microseconds interval) {
        while (true) {
            notify_alive();
            co_await sleep(interval);
        }
    }

    Options const& options_;
    fs::path const run_ = options_.control.parent_path();
    asio::io_context context_{1};
    asio::signal_set signals_{context_, SIGTERM, SIGINT};
    net::Event over_{context_.get_executor()};
    std::unique_ptr<control::Server> server_;
    bool made_ = false;
};

} // namespace

bool has_office(Options const& options) { return options.domain || fs::is_directory(options.data / "store"); }

std::expected<FirstBootEnd, std::string> wait_for_office(Options const& options, std::function<void()> const& ready) {
    std::error_code error;
    if (fs::create_directories(options.data, error)) ::sync(); // its name outlasts a power cut, too
    if (error) return std::unexpected(std::format("cannot make {}: {}", options.data.native(), error.message()));
    DirectoryLock const lock(options.data);
    if (!lock.take())
        return std::unexpected(
            std::format("{} cannot be used: another process has it open; is posternd running?", options.data.native()));
    return FirstBoot(options).run(ready);
}

} // namespace postern::app
