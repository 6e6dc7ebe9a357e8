// What a browser sends of a page's form, and whether it was a page of ours that it had. Pure.
#pragma once

#include "core/secret.h"
#include "http/message.h"

#include <optional>
#include <string>
#include <string_view>

namespace postern::http {

// Its values may be secrets, and are wiped at its end.
class Form {
public:
    // Of application/x-www-form-urlencoded (WHATWG URL §5.1), whose "+" is a space; the body is wiped. Nothing: it is
    // no such form.
    [[nodiscard]] static std::optional<Form> take(Request& request);

    Form(Form&&) = default;
    Form& operator=(Form&&) = default;
    ~Form();

    // The first of that name; empty: there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
    [[nodiscard]] core::Secret secret(std::string_view name) const { return core::Secret(field(name)); }

private:
    explicit Form(Fields fields) : fields_(std::move(fields)) {}

    Fields fields_;
};

// Whether what was sent comes from a page of this very origin, as the browser says (Fetch Metadata §2.1; RFC 6454 §7).
// A client that says nothing is none in which a page of somebody else could act.
[[nodiscard]] bool is_from_own_page(Request const& request);

} // namespace postern::http
