// The header section of a message or of a MIME part (RFC 5322 §2.2), read where it lies: nothing is copied, and what
// these views point to must outlive them. Pure; any thread.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

struct Field {
    std::string_view name;     // as spelled, without blanks before the colon
    std::string_view raw_body; // as it stands after the colon, folds included, without the final line end
    std::string_view whole;    // name, colon, body and final line end
};

// The fields in their order. Lenient: lines end in CRLF or LF; a line that is no field is skipped together with what is
// folded under it (mbox's "From " line, a header cut off); an empty line ends the section, and what follows is not
// read.
class HeaderSection {
public:
    class Iterator {
    public:
        using value_type = Field;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(std::string_view rest) : rest_(rest) { read(); }

        Field const& operator*() const { return field_; }
        Field const* operator->() const { return &field_; }
        Iterator& operator++() {
            read();
            return *this;
        }
        Iterator operator++(int) {
            Iterator const before = *this;
            read();
            return before;
        }
        bool operator==(Iterator const& other) const { return field_.whole.data() == other.field_.whole.data(); }
        bool operator==(std::default_sentinel_t) const { return field_.whole.empty(); }

    private:
        void read(); // the next field, or an empty one at the end

        std::string_view rest_;
        Field field_;
    };

    explicit HeaderSection(std::string_view bytes) : bytes_(bytes) {}

    Iterator begin() const { return Iterator(bytes_); }
    std::default_sentinel_t end() const { return {}; }

    // The first field of that name, in any case.
    std::optional<Field> first(std::string_view name) const;

private:
    std::string_view bytes_;
};

// RFC 5322 §2.2.3, for a field's body: without CR and LF anywhere, without white space at both ends.
std::string unfold(std::string_view raw_body);

// Appends a field whose body has no line ends, in lines of some 78 characters where spaces allow it (RFC 5322 §2.1.1).
void put_folded(std::string& out, std::string_view name, std::string_view body);

// Whether a line, its end included, is the one that ends a header section.
bool is_empty_line(std::string_view line);

// Just past the empty line that ends the header section `bytes` begins with; npos if there is none yet.
std::size_t header_end(std::string_view bytes);

// RFC 5321 §6.3: how many servers a message says it went through.
unsigned count_received(HeaderSection const& header);

} // namespace postern::message
