/** What scripts say in es: made by tests/house_rules/words.py. */

export default {
"forms": "10111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
"said": {
"Another picture": "Otra imagen",
"Close": "Cerrar",
"Email": "Correo",
"Flag": "Bandera",
"Keys": "Teclas",
"Keys for what is done often: press ? for the list": "Teclas para lo que se hace a menudo: pulsa ? para ver la lista",
"Letters of the picture": "Letras de la imagen",
"Name": "Nombre",
"Next": "Siguiente",
"Number": "Número",
"Order": "Orden",
"Post {no}": "Mensaje {no}",
"Preview": "Vista previa",
"Previous": "Anterior",
"Reason": "Motivo",
"Reply": "Responder",
"Show this list": "Mostrar esta lista",
"Since": "Desde",
"Six letters, distorted": "Seis letras deformadas",
"Spoiler": "Spoiler",
"Subject": "Asunto",
"The picture can't be fetched just now: you are shown one when you have sent the form.": "Ahora no se puede cargar la imagen: verás una cuando hayas enviado el formulario.",
"Times as “5 minutes ago”": "Horas como «hace 5 minutos»",
"Tripcode": "Tripcode",
"Until": "Hasta",
"Update": "Actualizar",
"Your browser has shown that you are no robot.": "Tu navegador ha demostrado que no eres un robot.",
"Your browser is solving a small sum, to show that you are no robot…": "Tu navegador está resolviendo una pequeña cuenta para demostrar que no eres un robot…",
"for good: this ban does not expire": "para siempre: este ban no caduca"
}
};
