// GETQUOTA and SETQUOTA (RFC 9208 §7).
#include "text/ascii.h"
#include "wire/imap_grammar.h"

#include <limits>

namespace postern::wire::imap {

// getquota = "GETQUOTA" SP quota-root-name
GetQuota parse_get_quota(Cursor& in) {
    in.space();
    return {in.astring()};
}

// setquota = "SETQUOTA" SP quota-root-name SP "(" [resource-name SP resource-limit *(SP ...)] ")"
SetQuota parse_set_quota(Cursor& in) {
    SetQuota set;
    in.space();
    set.root = in.astring();
    in.space();
    in.expect('(');
    if (in.accept(')')) return set;
    do {
        std::string_view const resource = in.atom("a resource");
        bool const is_storage = text::iequals(resource, "STORAGE");
        if (!is_storage && !text::iequals(resource, "MESSAGE"))
            in.refuse("[CANNOT] Only STORAGE and MESSAGE are limited");
        auto& limit = is_storage ? set.storage : set.messages;
        if (limit) in.fail("A resource is named twice");
        in.space();
        limit = in.number(std::numeric_limits<std::int64_t>::max(), "a limit");
    } while (in.accept(' '));
    in.expect(')');
    return set;
}

} // namespace postern::wire::imap
