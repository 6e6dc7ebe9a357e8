// posternd: the daemon.
#include "app/daemon.h"
#include "app/first_boot.h"
#include "app/options.h"
#include "app/programs.h"
#include "backup/restoring.h"
#include "core/log.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>

namespace postern::app {

namespace {

// A session is a descriptor or two; the limit that counts is the settings'.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

int run_daemon(int argc, char** argv) {
    auto options = read_options(argc, argv);
    if (!options) {
        auto const& [text, exit_code] = options.error();
        std::fputs(text.c_str(), exit_code == 0 ? stdout : stderr);
        return exit_code;
    }
    ::umask(S_IRWXG | S_IRWXO);
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    try {
        auto const ready = [] {
            std::puts("ready");
            std::fflush(stdout);
        };
        // The office may lie beside its place still.
        if (auto const ended = backup::finish_restore(options->data); !ended) {
            core::log(core::Event::daemon_failed, {{"reason", ended.error()}});
            return 1;
        }
        if (!has_office(*options)) {
            auto const end = wait_for_office(*options, ready);
            if (!end) {
                core::log(core::Event::daemon_failed, {{"reason", end.error()}});
                return 1;
            }
            if (*end == FirstBootEnd::stopped) return 0;
        }
        auto const daemon = Daemon::start(std::move(*options));
        if (!daemon) {
            core::log(core::Event::daemon_failed, {{"reason", daemon.error()}});
            return 1;
        }
        (*daemon)->run(ready);
    } catch (std::exception const& fault) {
        core::log(core::Event::daemon_failed, {{"reason", fault.what()}});
        return 1;
    }
    return 0;
}

} // namespace postern::app
