#include "dhcp/plan.h"

#include "core/trim.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <format>
#include <utility>
#include <vector>

namespace postern::dhcp {

namespace {

using dns::IpAddress;

std::uint32_t number_of(IpAddress const& address) {
    std::uint32_t number = 0;
    for (std::size_t i = 12; i < 16; ++i) number = number << 8 | address.octets()[i];
    return number;
}

IpAddress address_of(std::uint32_t number) {
    std::array<unsigned char, 16> octets{};
    octets[10] = octets[11] = 0xff;
    for (std::size_t i = 16; i-- > 12; number >>= 8) octets[i] = static_cast<unsigned char>(number);
    return IpAddress(octets);
}

struct Range {
    IpAddress first, last;
};

// Of the 256 addresses around the box's, or of those that there are, from 100 to 199 or what corresponds to that.
Range usual_range(Attachment const& at) {
    auto const size = std::min(256U, 1U << (32 - at.prefix_length));
    auto const base = number_of(at.address) & ~(size - 1);
    return {address_of(base + size * 100 / 256), address_of(base + size * 200 / 256 - 1)};
}

std::optional<Range> read_range(std::string_view written) {
    auto const dash = written.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    auto const first = IpAddress::parse(core::trimmed(written.substr(0, dash)));
    auto const last = IpAddress::parse(core::trimmed(written.substr(dash + 1)));
    if (!first || !last || !first->is_ipv4() || !last->is_ipv4() || *last < *first) return std::nullopt;
    return Range{*first, *last};
}

// Where there is room for others: RFC 3021's links of two have none.
constexpr unsigned longest_prefix = 29;

bool contains(Attachment const& at, Range const& range) {
    dns::IpNetwork const network(at.address, at.prefix_length);
    return network.contains(range.first) && network.contains(range.last);
}

} // namespace

std::expected<Plan, std::string> make_plan(Wishes const& wishes, std::span<Attachment const> attachments) {
    std::vector<Attachment> usable;
    std::ranges::copy_if(attachments, std::back_inserter(usable), [](Attachment const& at) {
        return at.address.is_ipv4() && is_private(at.address) && !is_loopback(at.address) &&
               at.prefix_length <= longest_prefix && !at.address.text().starts_with("169.254.");
    });
    if (usable.empty())
        return std::unexpected("the box has no address of its own in a private network; give it a fixed one first");

    std::optional<Range> range;
    if (!wishes.range.empty()) {
        range = read_range(wishes.range);
        if (!range)
            return std::unexpected(
                std::format("dhcp.range is \"{}\", which is no range of addresses such as 192.168.1.100-192.168.1.199",
                            wishes.range));
        std::erase_if(usable, [&](Attachment const& at) { return !contains(at, *range); });
        if (usable.empty())
            return std::unexpected(
                std::format("dhcp.range is {}, and the box is in no network that holds it", wishes.range));
    }
    if (std::ranges::adjacent_find(usable, std::ranges::not_equal_to{}, &Attachment::interface) != usable.end())
        return std::unexpected("the box is in several private networks; dhcp.range has to say in which of them");
    Attachment const& at = usable.front();

    auto router = at.router;
    if (wishes.router == "none") {
        router.reset();
    } else if (!wishes.router.empty()) {
        router = IpAddress::parse(wishes.router);
        if (!router || !router->is_ipv4())
            return std::unexpected(
                std::format("dhcp.router is \"{}\", which is neither an IPv4 address nor none", wishes.router));
    }
    Range const chosen = range.value_or(usual_range(at));
    return Plan{.interface = at.interface,
                .box = at.address,
                .first = chosen.first,
                .last = chosen.last,
                .prefix_length = at.prefix_length,
                .router = router,
                .lease_time = wishes.lease_time};
}

std::string dnsmasq_configuration(Plan const& plan, std::string_view domain, std::string_view lease_file) {
    auto const mask = address_of(~0U << (32 - plan.prefix_length)).text();
    std::string out =
        std::format("# Made by posternd from its settings (dhcp.*), and made anew when they change.\n"
                    "port=0\ninterface={}\nbind-dynamic\ndhcp-authoritative\ndhcp-rapid-commit\n"
                    "dhcp-range={},{},{},{}\ndhcp-leasefile={}\nlog-facility=-\n",
                    plan.interface, plan.first.text(), plan.last.text(), mask, plan.lease_time.count(), lease_file);
    // RFC 2132 §3.5, without which dnsmasq names itself.
    out += "dhcp-option=option:router";
    if (plan.router) out += "," + plan.router->text();
    out += std::format("\ndhcp-option=option:dns-server,{}\ndhcp-option=option:domain-name,{}\n"
                       "dhcp-option=option:domain-search,{}\n",
                       plan.box.text(), domain, domain);
    return out;
}

} // namespace postern::dhcp
