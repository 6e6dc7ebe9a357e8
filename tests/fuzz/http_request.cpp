// Requests of HTTP: whole or octet by octet they are the same. What they bring of forms and cookies can be taken.
#include "http/codec.h"
#include "http/cookie.h"
#include "http/form.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace postern::http;

namespace {

struct Read {
    std::vector<Request> requests;
    unsigned refused = 0;
    bool operator==(Read const&) const = default;
};

Read read(std::string_view octets, std::size_t piece) {
    RequestReader reader;
    Read all;
    std::string input;
    while (true) {
        auto one = reader.next(input);
        if (one.consumed > input.size()) std::abort();
        input.erase(0, one.consumed);
        if (one.outcome == Reading::malformed) {
            all.refused = one.status;
            return all;
        }
        if (one.outcome == Reading::request) {
            if (!one.request.path.starts_with('/') || one.request.body.size() > body_limit) std::abort();
            Request asked = one.request;
            if (Form::take(asked) && !asked.body.empty()) std::abort();
            if (cookie(asked, "a").contains(';')) std::abort();
            (void)is_from_own_page(asked);
            all.requests.push_back(std::move(one.request));
            continue;
        }
        if (octets.empty()) return all;
        input += octets.substr(0, piece);
        octets.remove_prefix(std::min(piece, octets.size()));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    if (read(octets, octets.size() + 1) != read(octets, 1)) std::abort();
    return 0;
}
