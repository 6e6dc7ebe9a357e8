// Any packet, from near by and from far away, by UDP and by TCP: what is answered is a message about the question that
// was asked, and not larger than it may be; who may not ask gets no more octets than he sent.
#include "core/clock.h"
#include "core/random.h"
#include "dns/office_zones.h"
#include "dns/outside.h"
#include "dns/responder.h"
#include "dns/special_zones.h"
#include "wire/dns_message.h"
#include "wire/dns_query.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

using namespace postern;
using namespace postern::dns;
using namespace postern::wire::dns;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

std::shared_ptr<ZoneTable const> office(bool split) {
    OfficeNames names;
    names.domain = Name::parse("office.lan").value();
    names.split = split;
    names.serial = 1;
    names.box = {IpAddress::parse("192.168.1.1").value(), IpAddress::parse("10.0.0.1").value(),
                 IpAddress::parse("fd00::1").value()};
    auto const add = [&](std::string_view name, Data data) {
        names.records.push_back({Name::parse(name).value(), usual_ttl, std::move(data)});
    };
    add("www.office.lan", Cname{host_name(names.domain)});
    add("far.office.lan", Cname{Name::parse("shop.example.com").value()});
    add("round.office.lan", Cname{Name::parse("round.office.lan").value()});
    add("*.wild.office.lan", Cname{Name::parse("x.other.office.lan").value()});
    add("*.other.office.lan", Mx{1, Name::parse("y.wild.office.lan").value()});
    add("a.b.c.office.lan", A{{192, 168, 1, 9}});
    add("huge.office.lan", Txt{std::vector(8, std::string(250, 'x'))});
    auto zones = office_zones(names);
    std::ranges::move(special_zones(), std::back_inserter(zones));
    return std::make_shared<ZoneTable const>(zones, names.box);
}

// An internet in which nobody knows anything.
struct Nobody final : Outside {
    std::shared_ptr<PreparedAnswer const> known(Asked const&) override { return answer(); }
    asio::awaitable<std::shared_ptr<PreparedAnswer const>> look_up(std::string, Type, bool, bool) override {
        co_return answer();
    }
    static std::shared_ptr<PreparedAnswer const> answer() {
        auto failure = std::make_shared<PreparedAnswer>();
        failure->code = ResponseCode::server_failure;
        failure->error = ExtendedError{23, "nobody"};
        return failure;
    }
};

} // namespace

// The first octet says how it comes.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const whole = office(false), split = office(true);
    if (size == 0) return 0;
    unsigned const how = data[0];
    std::string_view const packet(reinterpret_cast<char const*>(data) + 1, size - 1);
    core::ManualClock const clock{core::WallTime(std::chrono::seconds(1559731985))};
    core::SeededRandom random{1};
    Nobody nobody;
    Responder responder(clock, random, nobody);
    responder.set_zones((how & 1U) != 0 ? split : whole);
    responder.set_rules({.networks = {}, .rate = how & 8U, .waiting = 1, .waiting_of_one = 1});
    Client const client{IpAddress::parse((how & 2U) != 0 ? "198.51.100.7" : "192.168.1.7").value(),
                        IpAddress::parse("10.0.0.1").value(), (how & 4U) != 0};

    std::string out(client.over_tcp ? tcp_limit : udp_payload, '?');
    auto const said = responder.answer(packet, client, out);
    require(said.octets <= out.size());
    out.resize(said.octets);
    Query query;
    QueryReading const reading = read_query(packet, query);
    if (reading == QueryReading::nothing) {
        require(out.empty() && !said.later);
        return 0;
    }
    if (said.later) return 0;
    auto const [outcome, message] = parse_message(out);
    require(outcome == Reading::message && message.response && message.id == query.id);
    if (!client.over_tcp) require(out.size() <= query.payload_size);
    if ((how & 2U) != 0) require(out.size() <= packet.size() && message.code == ResponseCode::refused);
    if (!query.question.empty()) require(std::string_view(out).substr(12).starts_with(query.question));
    return 0;
}
