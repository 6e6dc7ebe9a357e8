#include "app/acme_client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <format>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace postern::app {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_run = 15min;
constexpr std::size_t longest_line = 8192;
constexpr std::string_view program = "uacme";

// Gone with this, and with it all that it started.
class Child {
public:
    Child(asio::any_io_executor const& executor, std::vector<std::string> const& arguments)
        : input_(executor), output_(executor) {
        int in[2] = {-1, -1}, out[2] = {-1, -1};
        if (::pipe2(in, O_CLOEXEC) != 0) throw std::system_error(errno, std::system_category(), "pipe");
        input_.assign(in[1]);
        if (::pipe2(out, O_CLOEXEC) != 0) {
            ::close(in[0]);
            throw std::system_error(errno, std::system_category(), "pipe");
        }
        output_.assign(out[0]);
        error_ = spawn(arguments, in[0], out[1]);
        ::close(in[0]);
        ::close(out[1]);
    }
    Child(Child const&) = delete;
    Child& operator=(Child const&) = delete;
    ~Child() { (void)end(SIGKILL); }

    [[nodiscard]] int error() const { return error_; } // of starting it
    asio::posix::stream_descriptor& input() { return input_; }
    asio::posix::stream_descriptor& output() { return output_; }

    // Its exit status, as wait(2) has it; once it said all that it had to say, or after this signal.
    int end(int signal = 0) {
        int status = 0;
        if (process_ <= 0) return status;
        if (signal != 0) ::kill(-process_, signal);
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
        }
        process_ = 0;
        return status;
    }

private:
    // In a group of its own, with nothing of ours but the way to programs.
    int spawn(std::vector<std::string> const& arguments, int in, int out) {
        std::vector<char*> words{const_cast<char*>(program.data())};
        for (std::string const& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
        words.push_back(nullptr);
        char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
             language[] = "LC_ALL=C.UTF-8";
        char* const environment[] = {path, language, nullptr};
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
        // Else clients' connections would not end as long as it runs.
        posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes, &signals);
        sigaddset(&signals, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes, &signals);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        int const error = ::posix_spawnp(&process_, program.data(), &files, &attributes, words.data(), environment);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
        if (error != 0) process_ = 0;
        return error;
    }

    asio::posix::stream_descriptor input_, output_;
    pid_t process_ = 0;
    int error_ = 0;
};

// What follows `key` and an equals sign, to the next blank.
std::string value_of(std::string_view line, std::string_view key) {
    auto const at = line.find(std::format(" {}=", key));
    if (at == std::string_view::npos) return {};
    auto const value = line.substr(at + key.size() + 2);
    return std::string(value.substr(0, value.find(' ')));
}

// An empty error: it said all that it had to say. Else it is of no use to wait any longer.
asio::awaitable<std::expected<std::string, std::string>> next_line(Child& child, std::string& ahead) {
    for (std::size_t searched = 0;;) {
        if (auto const end = ahead.find('\n', searched); end != std::string::npos) {
            std::string line = ahead.substr(0, end);
            ahead.erase(0, end + 1);
            co_return line;
        }
        searched = ahead.size();
        if (searched > longest_line) co_return std::unexpected("it says things without an end");
        char buffer[1024];
        auto const [error, count] = co_await child.output().async_read_some(
            asio::buffer(buffer), asio::cancel_after(longest_run, asio::as_tuple(asio::use_awaitable)));
        if (error == asio::error::eof) co_return std::unexpected("");
        if (error) co_return std::unexpected("it took too long");
        ahead.append(buffer, count);
    }
}

} // namespace

asio::awaitable<std::expected<void, std::string>> run_acme_client(std::vector<std::string> arguments,
                                                                  TakeChallenge take) {
    Child child(co_await asio::this_coro::executor, arguments);
    if (child.error() != 0)
        co_return std::unexpected(std::format("{} cannot be run: {}", program, std::strerror(child.error())));
    std::string ahead, said = "it said nothing", why;
    std::optional<DnsChallenge> challenge;
    while (true) {
        auto const line = co_await next_line(child, ahead);
        if (!line && !line.error().empty()) co_return std::unexpected(line.error());
        if (!line) break;
        std::string_view text = *line;
        if (text.starts_with("uacme: ")) text.remove_prefix(7);
        if (text.starts_with("challenge=")) {
            challenge.reset();
            if (text.starts_with("challenge=dns-01 "))
                challenge = DnsChallenge{.host = value_of(text, "ident"), .text = value_of(text, "key_auth")};
        } else if (text.starts_with("type 'y' followed")) {
            bool const taken = challenge && co_await take(*challenge);
            if (challenge && !taken) co_return std::unexpected("a challenge was not taken");
            std::string const answer = taken ? "y\n" : "n\n";
            auto const [error, count] =
                co_await asio::async_write(child.input(), asio::buffer(answer), asio::as_tuple(asio::use_awaitable));
            if (error) break;
        } else if (!text.empty()) {
            said = text;
            if (text.contains(" failed: ") || text.contains("\"detail\"")) why = text;
        }
    }
    int const status = child.end();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) co_return std::expected<void, std::string>();
    co_return std::unexpected(why.empty() || why == said ? said : std::format("{} ({})", said, why));
}

} // namespace postern::app
