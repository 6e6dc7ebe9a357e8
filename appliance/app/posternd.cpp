// posternd: the daemon.
#include "app/daemon.h"
#include "app/options.h"
#include "core/log.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>

namespace {

// A session is a descriptor or two; the limit that counts is the settings'.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

int main(int argc, char** argv) {
    using namespace postern;
    auto options = app::read_options(argc, argv);
    if (!options) {
        auto const& [text, exit_code] = options.error();
        std::fputs(text.c_str(), exit_code == 0 ? stdout : stderr);
        return exit_code;
    }
    ::umask(S_IRWXG | S_IRWXO);
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    try {
        auto const daemon = app::Daemon::start(std::move(*options));
        if (!daemon) {
            core::log(core::Event::daemon_failed, {{"reason", daemon.error()}});
            return 1;
        }
        (*daemon)->run([] {
            std::puts("ready");
            std::fflush(stdout);
        });
    } catch (std::exception const& fault) {
        core::log(core::Event::daemon_failed, {{"reason", fault.what()}});
        return 1;
    }
    return 0;
}
