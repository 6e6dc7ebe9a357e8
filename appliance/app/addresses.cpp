#include "app/addresses.h"

#include "app/sleep.h"
#include "core/log.h"
#include "core/read_start.h"
#include "dhcp/plan.h"
#include "net/directory_watch.h"
#include "net/interface.h"
#include "net/whole_file.h"
#include "text/utf8.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <format>
#include <system_error>
#include <utility>

namespace postern::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_read = 1024 * 1024UZ;
constexpr std::size_t longest_reason = 300;
// dnsmasq writes its file in pieces.
constexpr std::chrono::milliseconds rest{300};

// Empty: it is not there.
std::string read(fs::path const& path) { return core::read_start(path, most_read).value_or(""); }

std::vector<dhcp::Attachment> attachments() {
    std::vector<dhcp::Attachment> found;
    for (auto const& one : net::interface_addresses())
        if (auto const address = dns::IpAddress::parse(one.address))
            found.push_back(
                {one.interface, *address, one.prefix_length, dns::IpAddress::parse(net::router_of(one.interface))});
    return found;
}

} // namespace

Addresses::Addresses(office::Office& office, fs::path directory, std::function<void()> changed)
    : office_(office), directory_(std::move(directory)), changed_(std::move(changed)) {}

void Addresses::begin() {
    std::error_code error;
    fs::create_directories(directory_, error); // if it cannot be, nothing can be written either, which is told
    told_ = read(directory_ / "dnsmasq.conf");
    tell();
}

// A cable that is out for a moment, or a wish that cannot be, is no reason to forget what was meant before.
void Addresses::tell() {
    auto const& settings = *office_.settings;
    trouble_.clear();
    if (!settings.flag("dhcp.serve")) {
        if (!told_.empty()) keep({});
    } else if (auto const plan = dhcp::make_plan({.range = settings.text("dhcp.range"),
                                                  .router = settings.text("dhcp.router"),
                                                  .lease_time = settings.seconds("dhcp.lease_time")},
                                                 attachments())) {
        plan_ = std::format("{} to {} on {}", plan->first.text(), plan->last.text(), plan->interface);
        auto wanted = dhcp::dnsmasq_configuration(*plan, office_.domain, (directory_ / "leases").native());
        if (wanted != told_) keep(std::move(wanted));
    } else {
        trouble_ = plan.error();
    }
    look();
}

// Who starts the server looks at the name.
void Addresses::keep(std::string told) {
    auto const path = directory_ / "dnsmasq.conf";
    std::expected<void, std::string> kept;
    std::error_code error;
    if (!told.empty())
        kept = net::write_file(path, told, 0644);
    else if (!fs::remove(path, error) && error)
        kept = std::unexpected(std::format("cannot remove {}: {}", path.string(), error.message()));
    if (kept)
        told_ = std::move(told);
    else
        trouble_ = kept.error();
}

void Addresses::look() {
    bool const serves = office_.settings->flag("dhcp.serve");
    auto const said = read(directory_ / "refused");
    auto const refused = text::one_line(std::string_view(said).substr(0, said.find('\n')), longest_reason);
    std::string status = "no";
    if (serves && !trouble_.empty())
        status = std::format("{}: {}", told_.empty() ? "no" : "as before", trouble_);
    else if (serves)
        status = refused.empty() ? plan_ : "no: " + refused;
    if (status != status_ && serves && (!trouble_.empty() || !refused.empty()))
        core::log(core::Event::addresses_unserved, {{"reason", status}});
    status_ = std::move(status);
    auto leases = serves ? dhcp::read_leases(read(directory_ / "leases")) : std::vector<dhcp::Lease>();
    if (leases == leases_) return;
    leases_ = std::move(leases);
    changed_();
}

asio::awaitable<void> Addresses::run(asio::any_io_executor executor) {
    using namespace asio::experimental::awaitable_operators;
    auto const watch = net::DirectoryWatch::open(executor, directory_);
    if (!watch) {
        core::log(core::Event::addresses_unserved, {{"reason", watch.error()}});
        co_return;
    }
    while (!office_.stop.raised()) {
        co_await ((*watch)->changed() || office_.stop.wait());
        co_await (sleep(rest) || office_.stop.wait());
        look();
    }
}

} // namespace postern::app
