// What notices of delivery say to people, in one language: a translation is one more table. No jargon: who reads it
// has sent a message, and wants to know what became of it and what to do now. What stands in braces is filled in.
// Pure; any thread.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace postern::message {

struct DeliveryTexts {
    // What a status (RFC 3463) means.
    struct Meaning {
        std::string_view detail;  // with the subject: "1.1" of 5.1.1
        std::string_view classes; // "45": of which it is true; class 4 often says no more than "not now"
        std::string_view what;    // has happened, or keeps the message from going on
        std::string_view advice;  // once it has failed
    };
    struct Counted {
        std::string_view one;
        std::string_view many; // {n}
    };
    // In the order of Action, the gravest first.
    struct Outcome {
        std::string_view subject; // of the notice; {subject}: the message's
        std::string_view opening;
        std::string_view recipients; // heads a list of addresses
    };

    std::string_view sender; // display name
    std::array<Outcome, 5> outcomes;
    std::string_view subject_label;
    std::string_view date_label;
    std::string_view no_subject;

    std::span<Meaning const> meanings;
    Meaning refused;              // other statuses of class 5
    Meaning refused_for_now;      // and of class 4
    std::string_view too_large;   // instead of what the status means, if sizes are known: {size}, {limit}
    std::string_view gave_up;     // {waited}
    std::string_view no_internet; // {outage}
    std::string_view link_held;
    std::string_view relay_refuses;
    std::string_view try_again;           // why the server does not take it now has been said
    std::string_view retry_until;         // {remaining}
    std::string_view relayed;             // {server}
    std::string_view relayed_to_reporter; // {server}
    std::string_view delivered;
    std::string_view expanded;
    std::string_view other_server; // a name for one that has none
    std::string_view said;         // {server}; heads its words

    std::string_view others;   // who is not named in a failure
    std::string_view attached; // the whole message is
    std::string_view closing;  // {host}

    Counted minutes;
    Counted hours;
    Counted days;
};

extern DeliveryTexts const english_delivery_texts;

} // namespace postern::message
