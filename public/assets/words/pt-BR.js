/** What scripts say in pt-BR: made by tests/house_rules/words.py. */

export default {
"forms": "00111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
"said": {
"Another picture": "Outra imagem",
"Close": "Fechar",
"Email": "E-mail",
"Flag": "Bandeira",
"Keys": "Teclas",
"Keys for what is done often: press ? for the list": "Teclas para o que se faz muito: aperte ? para ver a lista",
"Letters of the picture": "Letras da imagem",
"Name": "Nome",
"Next": "Próxima",
"Number": "Número",
"Order": "Ordem",
"Post {no}": "Post {no}",
"Preview": "Prévia",
"Previous": "Anterior",
"Reason": "Motivo",
"Reply": "Responder",
"Show this list": "Mostrar esta lista",
"Since": "Desde",
"Six letters, distorted": "Seis letras distorcidas",
"Spoiler": "Spoiler",
"Subject": "Assunto",
"The picture can't be fetched just now: you are shown one when you have sent the form.": "A imagem não pode ser carregada agora: uma aparece depois que você envia o formulário.",
"Times as “5 minutes ago”": "Horários como “há 5 minutos”",
"Tripcode": "Tripcode",
"Until": "Até",
"Update": "Atualizar",
"Your browser has shown that you are no robot.": "Seu navegador mostrou que você não é um robô.",
"Your browser is solving a small sum, to show that you are no robot…": "Seu navegador está fazendo uma pequena conta para mostrar que você não é um robô…",
"for good: this ban does not expire": "para sempre: este banimento não expira"
}
};
