/** What scripts say in de: made by tests/house_rules/words.py. */

export default {
"forms": "10111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
"said": {
"Another picture": "Ein anderes Bild",
"Close": "Schließen",
"Email": "E-Mail",
"Flag": "Flagge",
"Keys": "Tasten",
"Keys for what is done often: press ? for the list": "Tasten für das, was man oft tut: ? zeigt die Liste",
"Letters of the picture": "Buchstaben des Bildes",
"Name": "Name",
"Next": "Weiter",
"Number": "Nummer",
"Order": "Reihenfolge",
"Post {no}": "Beitrag {no}",
"Preview": "Vorschau",
"Previous": "Zurück",
"Reason": "Grund",
"Reply": "Antworten",
"Show this list": "Diese Liste zeigen",
"Since": "Seit",
"Six letters, distorted": "Sechs verzerrte Buchstaben",
"Spoiler": "Spoiler",
"Subject": "Betreff",
"The picture can't be fetched just now: you are shown one when you have sent the form.": "Das Bild lässt sich gerade nicht laden: Du siehst eines, wenn du das Formular geschickt hast.",
"Times as “5 minutes ago”": "Zeiten wie „vor 5 Minuten“",
"Tripcode": "Tripcode",
"Until": "Bis",
"Update": "Aktualisieren",
"Your browser has shown that you are no robot.": "Dein Browser hat gezeigt, dass du kein Roboter bist.",
"Your browser is solving a small sum, to show that you are no robot…": "Dein Browser löst eine kleine Rechnung, um zu zeigen, dass du kein Roboter bist …",
"for good: this ban does not expire": "für immer: Dieser Bann läuft nicht ab"
}
};
