#include "dns/service.h"

#include "core/log.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <csignal>
#include <exception>
#include <utility>

namespace postern::dns {

namespace {

template <typename Endpoint>
std::expected<void, std::string> keep(std::vector<std::unique_ptr<Endpoint>>& endpoints,
                                      std::expected<std::unique_ptr<Endpoint>, std::string> opened) {
    if (!opened) return std::unexpected(std::move(opened.error()));
    endpoints.push_back(std::move(*opened));
    return {};
}

int type_of(int descriptor) {
    int type = 0;
    socklen_t size = sizeof type;
    (void)::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size);
    return type;
}

} // namespace

std::expected<std::unique_ptr<Service>, std::string>
Service::listen(std::span<net::PassedSocket const> passed, std::vector<std::string> const& addresses,
                std::uint16_t port, core::Clock const& clock, core::Random& random, MakeOutside const& make_outside) {
    std::unique_ptr<Service> service(new Service());
    asio::any_io_executor const executor = service->context_->get_executor();
    service->outside_ = make_outside(executor);
    service->responder_ = std::make_unique<Responder>(clock, random, *service->outside_);
    Responder& responder = *service->responder_;
    std::expected<void, std::string> done;
    bool is_passed = false;
    for (net::PassedSocket const& socket : passed) {
        if (socket.name != "dns" || !done) continue;
        is_passed = true;
        done = type_of(socket.descriptor) == SOCK_DGRAM
                   ? keep(service->udp_, UdpEndpoint::adopt(executor, socket.descriptor, responder))
                   : keep(service->tcp_, TcpEndpoint::adopt(executor, socket.descriptor, responder));
    }
    for (std::string const& address : addresses) {
        if (is_passed || !done) break;
        done = keep(service->udp_, UdpEndpoint::bind(executor, address, port, responder));
        if (done) done = keep(service->tcp_, TcpEndpoint::bind(executor, address, port, responder));
    }
    if (!done) return std::unexpected(std::move(done.error()));
    return service;
}

Service::~Service() {
    context_->stop();
    if (thread_.joinable()) thread_.join();
    udp_.clear();
    tcp_.clear();
    outside_->close();
    context_.reset();
}

void Service::start() {
    for (auto const& endpoint : udp_) endpoint->start();
    for (auto const& endpoint : tcp_) endpoint->start();
    // Signals are the main thread's.
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// A fault is one query's.
void Service::run() {
    auto const work = asio::make_work_guard(*context_);
    while (!context_->stopped()) {
        try {
            context_->run();
        } catch (std::exception const& fault) {
            core::log(core::Event::session_broken, {{"service", "dns"}, {"reason", fault.what()}});
        }
    }
}

void Service::set_zones(std::shared_ptr<ZoneTable const> zones) {
    asio::post(*context_, [this, zones = std::move(zones)]() mutable { responder_->set_zones(std::move(zones)); });
}

void Service::set_rules(Responder::Rules rules) {
    asio::post(*context_, [this, rules = std::move(rules)]() mutable { responder_->set_rules(std::move(rules)); });
}

std::uint16_t Service::port() const {
    if (!udp_.empty()) return udp_.front()->port();
    return tcp_.empty() ? std::uint16_t{0} : tcp_.front()->port();
}

std::size_t Service::connections() const {
    std::size_t count = 0;
    for (auto const& endpoint : tcp_) count += endpoint->connections();
    return count;
}

} // namespace postern::dns
