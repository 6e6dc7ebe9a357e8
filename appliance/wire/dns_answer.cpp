#include "wire/dns_answer.h"

#include <algorithm>

namespace postern::wire::dns {

namespace {

using std::chrono::seconds;

// RFC 2308 §3, §5: the SOA record of the zone in which there is nothing.
std::optional<seconds> negative_lifetime(Message const& message, Name const& name) {
    for (Record const& record : message.authorities)
        if (auto const* soa = std::get_if<Soa>(&record.data); soa != nullptr && name.is_within(record.name))
            return std::min(record.ttl, soa->minimum);
    return std::nullopt;
}

// RFC 2308 §2.2: a referral, from a server that does not look things up for us.
bool is_referral(Message const& message) {
    return !message.authoritative && !message.recursion_available &&
           std::ranges::contains(message.authorities, Type::ns, &Record::type);
}

} // namespace

Answer read_answer(Message const& message, Question const& question) {
    if (message.code != ResponseCode::no_error && message.code != ResponseCode::name_error) return {};
    Answer answer{.finding = Finding::nothing, .data = {}, .lifetime = seconds::max()};
    Name name = question.name;
    for (unsigned aliases = 0; aliases <= alias_limit; ++aliases) {
        Record const* alias = nullptr;
        for (Record const& record : message.answers) {
            if (record.name != name || record.of_class != question.of_class) continue;
            if (record.type() == Type::cname) alias = &record;
            if (record.type() != question.type || answer.data.size() == answer_limit) continue;
            answer.data.push_back(record.data);
            answer.lifetime = std::min<seconds>(*answer.lifetime, record.ttl);
        }
        if (!answer.data.empty()) {
            answer.finding = Finding::records;
            return answer;
        }
        if (alias == nullptr) {
            auto const lifetime = negative_lifetime(message, name);
            if (!lifetime && is_referral(message)) return {};
            // RFC 6604 §3: with aliases, the code is about the last name.
            answer.finding =
                message.code == ResponseCode::name_error ? Finding::no_such_name : Finding::no_such_records;
            answer.lifetime = lifetime ? std::optional(std::min(*answer.lifetime, *lifetime)) : std::nullopt;
            return answer;
        }
        answer.lifetime = std::min<seconds>(*answer.lifetime, alias->ttl);
        name = std::get<Cname>(alias->data).canonical;
    }
    return {};
}

} // namespace postern::wire::dns
