#include "message/delivery_texts.h"

namespace postern::message {
namespace {

constexpr std::string_view check_address =
    "Check how the address is spelled and send the message again, or ask the recipient for the right address.";
constexpr std::string_view another_way = "Try to reach the recipient in another way.";
constexpr std::string_view later = "Send the message again later, or reach the recipient in another way.";
constexpr std::string_view smaller =
    "Send it without its attachments or with smaller ones, or share large files in another way.";
constexpr std::string_view no_answer = "The recipient's mail server does not answer.";
constexpr std::string_view not_found = "The way to the recipient's mail server cannot be found at the moment.";
constexpr std::string_view too_large_for_it = "The message is too large for the recipient's mail server.";
constexpr std::string_view not_proven =
    "The recipient's mail server could not make sure that the message really comes from your domain.";
constexpr std::string_view show_administrator =
    "The address is not at fault. Show this notice to your administrator: something has to be set up for your domain "
    "(SPF, DKIM, DMARC or reverse DNS).";
constexpr std::string_view read_what_it_said =
    "What it said may tell why. If it does not, show this notice to your administrator, or reach the recipient in "
    "another way.";

constexpr DeliveryTexts::Meaning english_meanings[] = {
    {"1.1", "5", "There is no such address at the recipient's mail server.", check_address},
    {"1.2", "5", "The domain of this address, what follows the @, does not exist or takes no mail.", check_address},
    {"1.3", "5", "The recipient's mail server does not understand this address.", check_address},
    {"1.6", "5", "The recipient has moved away from this address.", "Ask the recipient for the new address."},
    {"1.8", "5", "The recipient's mail server does not accept your own address as a sender.",
     "Show this notice to your administrator."},
    {"1.10", "5", "The domain of this address takes no mail at all.", check_address},
    {"2.1", "5", "The recipient's mailbox is switched off.", another_way},
    {"2.2", "45", "The recipient's mailbox is full.",
     "Send the message again in a few days, or let the recipient know in another way."},
    {"2.3", "5", too_large_for_it, smaller},
    {"3.1", "45", "The recipient's mail server has no room for more mail.", later},
    {"3.2", "45", "The recipient's mail server takes no mail at the moment.", later},
    {"3.3", "5", "The way to the recipient cannot keep a time limit, and the message was sent with one.",
     "Send it again without a time limit, or reach the recipient in another way."},
    {"3.4", "5", too_large_for_it, smaller},
    // Not with class 5: that is how a widespread server says that it does not know an address.
    {"4.1", "4", no_answer, later},
    {"4.2", "45", "The connection to the recipient's mail server broke.", later},
    {"4.3", "45", not_found, later},
    {"4.4", "45", not_found, later},
    {"4.5", "45", "The recipient's mail server has too much to do.", later},
    {"4.6", "5", "The message went round in a circle between mail servers.", another_way},
    {"4.7", "45", "The message could not be delivered in the time that there is for it.", later},
    {"6.3", "5", "The message has a form that the way to the recipient does not take, and it cannot be converted.",
     "Send it again as plain text, with its attachments in an archive (zip)."},
    {"6.7", "5", "The way to the recipient does not know addresses with letters beyond a to z.",
     "Ask the recipient for an address with letters from a to z alone."},
    {"7.1", "5", "The rules of the recipient's mail server do not allow this message.", read_what_it_said},
    {"7.20", "5", not_proven, show_administrator}, // RFC 7372
    {"7.21", "5", not_proven, show_administrator},
    {"7.22", "5", not_proven, show_administrator},
    {"7.23", "5", not_proven, show_administrator},
    {"7.24", "5", not_proven, show_administrator},
    {"7.25", "5", not_proven, show_administrator},
    {"7.26", "5", not_proven, show_administrator},
};

} // namespace

constinit DeliveryTexts const english_delivery_texts{
    .sender = "Mail Delivery System",
    .outcomes = {{
        {"Not delivered: {subject}", "Your message could not be delivered.", "It did not reach:"},
        {"Delayed: {subject}", "Your message has not been delivered yet. You need not send it again.",
         "It still has to reach:"},
        {"Delivered: {subject}", "Your message was delivered.", "It reached:"},
        {"Sent on: {subject}", "Your message was sent on.", "It is on its way to:"},
        {"Passed on: {subject}", "Your message was passed on.", "It reached:"},
    }},
    .subject_label = "Subject:",
    .date_label = "Date:",
    .no_subject = "(no subject)",
    .meanings = english_meanings,
    .refused = {"", "5", "The recipient's mail server refused the message.", read_what_it_said},
    .refused_for_now = {"", "4", "The recipient's mail server does not take the message at the moment.", later},
    .too_large = "The message is too large: it has {size}, and the recipient's mail server takes {limit} at most.",
    .gave_up = "This was tried for {waited}, and is given up now.",
    .no_internet = "The internet connection of this office has been away for {outage}. Your message is safe here, and "
                   "leaves by itself when the connection is back. There is nothing that you need to do.",
    .link_held =
        "The administrator of this office has this message wait: its connection to the internet is held back, or "
        "what may go over it is used up for now. Your message is safe here, and leaves by itself as soon as it "
        "may. If it is urgent, show this notice to your administrator.",
    .relay_refuses = "The server through which this office sends its mail does not take it at the moment. Your message "
                     "is safe here, and leaves by itself once it does. Your administrator has to see to this: please "
                     "show this notice to whoever that is.",
    .try_again = "Your message is safe here, and is tried again by itself.",
    .retry_until =
        "If it cannot be delivered within another {remaining}, you will get a notice. Time in which there is no "
        "internet connection does not count.",
    .relayed = "The message was handed to {server}, which does not report what becomes of it. It will most likely "
               "arrive, but there will be no further confirmation.",
    .relayed_to_reporter = "The message was handed to {server}, which tells you if it cannot be delivered.",
    .delivered = "The message is in the recipient's mailbox. That does not tell whether it has been read.",
    .expanded = "This address stands for several others, and the message was sent to each of them. There will be no "
                "confirmation from them.",
    .other_server = "another mail server",
    .said = "What {server} said:",
    .others = "Recipients who are not named here are not concerned: you need not send it to them again.",
    .attached = "The message is attached to this notice.",
    .closing =
        "This notice was written by the mail system of {host}. An answer to it reaches the people who look after "
        "that.",
    .minutes = {"1 minute", "{n} minutes"},
    .hours = {"1 hour", "{n} hours"},
    .days = {"1 day", "{n} days"},
};

} // namespace postern::message
