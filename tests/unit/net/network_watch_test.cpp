#include "loop.h"
#include "net/event.h"
#include "net/network_watch.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <CppUTest/TestHarness.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

using namespace postern::net;

TEST_GROUP(NetworkWatch){
    // In a process and a network of its own, in which nothing happens that a test does not do. What it gives is what
    // went wrong.
    static std::string elsewhere(std::string_view(*work)()){int ends[2];
if (::pipe(ends) != 0) return "no pipe";
pid_t const child = ::fork();
if (child == 0) {
    std::string_view const wrong = ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? work() : "there are no namespaces";
    (void)!::write(ends[1], wrong.data(), wrong.size());
    ::_exit(0);
}
::close(ends[1]);
std::string wrong(200, '\0');
wrong.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], wrong.data(), wrong.size()), 0)));
::close(ends[0]);
int status = 0;
::waitpid(child, &status, 0);
return status == 0 ? wrong : "it did not come to its end";
}

static bool bring_up_loopback() {
    int const descriptor = ::socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::ranges::copy(std::string_view("lo"), request.ifr_name);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    bool const done = ::ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
    ::close(descriptor);
    return done;
}
}
;

TEST(NetworkWatch, tells_that_an_interface_came_up) {
    auto const wrong = elsewhere([]() -> std::string_view {
        Loop loop;
        auto const watch = NetworkWatch::open(loop.context.get_executor());
        if (!watch) return "the network cannot be watched";
        auto const changed = loop.start((*watch)->changed());
        if (*changed) return "nothing had changed";
        if (!bring_up_loopback()) return "loopback cannot be brought up";
        loop.finish(changed);
        return {};
    });
    CHECK_EQUAL(std::string(), wrong);
}

TEST(NetworkWatch, can_be_called_off) {
    using asio::experimental::awaitable_operators::operator||;
    Loop loop;
    Event enough(loop.context.get_executor());
    auto const watch = NetworkWatch::open(loop.context.get_executor());
    CHECK(watch.has_value());
    auto const either = loop.start((*watch)->changed() || enough.wait());
    enough.raise();
    loop.run_ready();
    CHECK(either->has_value());
}
