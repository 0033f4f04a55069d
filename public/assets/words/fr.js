/** What scripts say in fr: made by tests/house_rules/words.py. */

export default {
"forms": "00111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
"said": {
"Another picture": "Une autre image",
"Close": "Fermer",
"Email": "E-mail",
"Flag": "Drapeau",
"Keys": "Touches",
"Keys for what is done often: press ? for the list": "Touches pour ce qu’on fait souvent : ? montre la liste",
"Letters of the picture": "Lettres de l’image",
"Name": "Nom",
"Next": "Suivant",
"Number": "Numéro",
"Order": "Ordre",
"Post {no}": "Message {no}",
"Preview": "Aperçu",
"Previous": "Précédent",
"Reason": "Motif",
"Reply": "Répondre",
"Show this list": "Montrer cette liste",
"Since": "Depuis",
"Six letters, distorted": "Six lettres déformées",
"Spoiler": "Spoiler",
"Subject": "Sujet",
"The picture can't be fetched just now: you are shown one when you have sent the form.": "L’image ne peut pas être chargée en ce moment : une image vous sera montrée une fois le formulaire envoyé.",
"Times as “5 minutes ago”": "Heures comme « il y a 5 minutes »",
"Tripcode": "Tripcode",
"Until": "Jusqu’à",
"Update": "Actualiser",
"Your browser has shown that you are no robot.": "Votre navigateur a montré que vous n’êtes pas un robot.",
"Your browser is solving a small sum, to show that you are no robot…": "Votre navigateur fait un petit calcul pour montrer que vous n’êtes pas un robot…",
"for good: this ban does not expire": "pour toujours : ce bannissement n’expire pas"
}
};
