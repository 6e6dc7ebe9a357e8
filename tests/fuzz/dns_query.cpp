// A hostile query: read by itself as by who reads whole messages, and answered in octets that are a message and within
// their limit, whatever is answered.
#include "wire/dns_query.h"

#include "dns/prepared_answer.h"
#include "text/ascii.h"

#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;
using namespace postern::wire::dns;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    Query query;
    QueryReading const reading = read_query(octets, query);
    if (reading == QueryReading::nothing) return 0;
    auto const [outcome, message] = parse_message(octets);
    require(message.id == query.id && message.opcode == query.opcode);
    if (!query.question.empty()) {
        require(!message.questions.empty() && message.questions.front().type == query.type);
        require(text::lower(message.questions.front().name.wire()) == query.name.wire());
    }
    if (reading == QueryReading::query && query.opcode == Opcode::query) {
        require(query.payload_size >= udp_limit && query.cookie.size() <= 40);
        require(outcome != Reading::message || message.edns.has_value() == query.edns);
    }

    Message said;
    said.response = true;
    if (!query.question.empty()) {
        Question const asked = message.questions.front();
        said.questions = {asked};
        said.answers = {{asked.name, Seconds(size), Txt{{std::string(size % 256, 'x')}}}};
        said.additionals = {{asked.name, Seconds(1), Txt{{std::string(200, 'x')}}}};
    }
    dns::PreparedAnswer answer;
    if (!said.questions.empty()) answer = dns::prepare(said, core::SteadyTime());
    answer.error = ExtendedError{3, std::string(size % 700, 'w')};
    std::string const cookie(query.cookie.empty() ? 0 : 24, 'c');
    std::string out(udp_limit, '?');
    out.resize(dns::write_answer(query, answer, {.limit = udp_limit, .cookie = cookie, .now = {}}, out));
    auto const written = parse_message(out);
    require(written.outcome == Reading::message && written.message.id == query.id && written.message.response);
    require(written.message.edns.has_value() == query.edns);
    require(written.message.truncated || written.message.answers == said.answers);
    return 0;
}
