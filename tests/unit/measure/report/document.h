// document.h - a page as a tree, and what is looked for in it.
#pragma once
#include <Poco/AutoPtr.h>
#include <Poco/DOM/DOMParser.h>
#include <Poco/DOM/Document.h>
#include <Poco/DOM/Element.h>

#include <string>
#include <vector>

namespace turnpike::measure::report {

class Page {
 public:
    /// Throws when the text is no well-formed XML.
    explicit Page(const std::string& text) : document_(Poco::XML::DOMParser().parseString(text)) {}

    /// Elements of that name, or with "*" of every name, in the order of the page.
    std::vector<Poco::XML::Element*> all(const std::string& name) const {
        return allIn(document_->documentElement(), name);
    }
    static std::vector<Poco::XML::Element*> allIn(Poco::XML::Element* element, const std::string& name) {
        std::vector<Poco::XML::Element*> elements;
        for (Poco::XML::Node* node = element->firstChild(); node != nullptr; node = node->nextSibling()) {
            if (node->nodeType() != Poco::XML::Node::ELEMENT_NODE) continue;
            auto* child = static_cast<Poco::XML::Element*>(node);
            if (name == "*" || child->tagName() == name) elements.push_back(child);
            for (Poco::XML::Element* below : allIn(child, name)) elements.push_back(below);
        }
        return elements;
    }
    /// Null when there is none.
    Poco::XML::Element* byId(const std::string& id) const {
        for (Poco::XML::Element* element : all("*"))
            if (element->getAttribute("id") == id) return element;
        return nullptr;
    }
    std::string textOf(const std::string& id) const {
        Poco::XML::Element* element = byId(id);
        return element == nullptr ? "(no element " + id + ")" : std::string(element->innerText());
    }

 private:
    Poco::AutoPtr<Poco::XML::Document> document_;
};

}  // namespace turnpike::measure::report
