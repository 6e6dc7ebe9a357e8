#include "store/guard.h"

#include <signal.h>
#include <ucontext.h>

#include <csetjmp>
#include <cstdint>
#include <mutex>
#include <utility>

namespace postern::store {

namespace {

constexpr int signals[] = {SIGBUS, SIGSEGV};

thread_local sigjmp_buf* way_out = nullptr; // of the call that this thread is in

struct sigaction handlers_before[2];

void on_fault(int signal, siginfo_t*, void* context) {
    if (way_out != nullptr) {
        // The jump restores no mask, so that a call that goes well need not ask for one: blocked is what was before.
        ::pthread_sigmask(SIG_SETMASK, &static_cast<ucontext_t const*>(context)->uc_sigmask, nullptr);
        siglongjmp(*way_out, 1);
    }
    // Not ours: the instruction faults again, under whoever was responsible before.
    ::sigaction(signal, &handlers_before[signal == signals[0] ? 0 : 1], nullptr);
}

void install() {
    struct sigaction action{};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    ::sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < std::size(signals); ++i) ::sigaction(signals[i], &action, &handlers_before[i]);
}

} // namespace

int guarded(int (*call)(void*), void* data) {
    static std::once_flag once;
    std::call_once(once, install);
    sigjmp_buf here;
    if (sigsetjmp(here, 0) != 0) {
        way_out = nullptr;
        return faulted;
    }
    way_out = &here;
    int const code = call(data);
    way_out = nullptr;
    return code;
}

void touch(MDB_val const& value) {
    constexpr std::size_t page = 4096;
    auto const* octets = static_cast<unsigned char const volatile*>(value.mv_data);
    for (std::size_t at = 0; at < value.mv_size; at += page) (void)octets[at];
    if (value.mv_size > 0) (void)octets[value.mv_size - 1];
}

void guard_assertions(MDB_env* environment) {
    mdb_env_set_assert(environment, [](MDB_env*, char const*) {
        if (way_out != nullptr) siglongjmp(*way_out, 1);
    });
}

} // namespace postern::store
